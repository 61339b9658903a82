/** @odoo-module **/
// SPDX-License-Identifier: LGPL-3.0-or-later
// Opens the test of a handler's rules with what the form has changed and not saved; a plain button would save it first.
import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

export class TestRulesButton extends Component {
    static template = xml`
        <button type="button" class="btn btn-secondary o_webhook_test_rules" t-on-click="onClick" t-esc="label"/>
    `;
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.label = _t("Test Rules");
    }

    async onClick() {
        const { record } = this.props;
        const changes = await record.getChanges();
        await this.action.doAction("webhook_worker.action_webhook_rule_test", {
            additionalContext: {
                default_handler_id: record.resId,
                default_draft_changes_json: JSON.stringify(changes),
            },
        });
    }
}

registry.category("view_widgets").add("webhook_test_rules", { component: TestRulesButton });
