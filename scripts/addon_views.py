#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes the addon's XML files, which are in Odoo 19's form, in the form of Odoo 18 or 17:

    addon_views.py SERIES FOLDER      changes the *.xml files below FOLDER in place; SERIES is 17, 18 or 19

Each rule is a function of a parsed file, with the series up to which it applies, and has an example that
`python3 -m doctest scripts/addon_views.py` tries.
"""

import sys
from pathlib import Path

from lxml import etree


def user_groups_field(root):
    """`group_ids` of users, menus, actions and views was `groups_id` before 19.

    >>> show(user_groups_field, '<odoo><record model="res.users"><field name="group_ids"/></record></odoo>')
    <odoo><record model="res.users"><field name="groups_id"/></record></odoo>
    """
    for field in root.iterfind(".//field[@name='group_ids']"):
        field.set("name", "groups_id")


def privilege_to_category(root):
    """Groups are sorted by a category, not by a privilege, before 19.

    >>> show(privilege_to_category, '<odoo><record id="p" model="res.groups.privilege">'
    ...      '<field name="category_id" ref="c"/></record>'
    ...      '<record model="res.groups"><field name="privilege_id" ref="p"/></record></odoo>')
    <odoo><record model="res.groups"><field name="category_id" ref="c"/></record></odoo>
    """
    categories = {}
    for record in root.findall(".//record[@model='res.groups.privilege']"):
        categories[record.get("id")] = record.find("field[@name='category_id']").get("ref")
        remove(record)
    for field in root.iterfind(".//field[@name='privilege_id']"):
        field.set("name", "category_id")
        field.set("ref", categories.get(field.get("ref"), field.get("ref")))
    for record in root.iterfind(".//record[@model='res.groups']"):
        for field in record.findall("field[@name='sequence']"):
            remove(field)


def search_group_expand(root):
    """A search view's group-by group is folded before 19.

    >>> show(search_group_expand, '<odoo><search><group/></search></odoo>')
    <odoo><search><group expand="0" string="Group By"/></search></odoo>
    """
    for group in root.iterfind(".//search/group"):
        group.set("expand", "0")
        group.set("string", "Group By")


def list_to_tree(root):
    """Lists were called trees in 17, in views and in view modes.

    >>> show(list_to_tree, '<odoo><list><field name="view_mode">list,form</field></list></odoo>')
    <odoo><tree><field name="view_mode">tree,form</field></tree></odoo>
    """
    for element in root.iter("list"):
        element.tag = "tree"
    for field in root.iterfind(".//field[@name='view_mode']"):
        field.text = ",".join("tree" if mode == "list" else mode for mode in (field.text or "").split(","))


def chatter_to_div(root):
    """17 has no <chatter/>.

    >>> show(chatter_to_div, '<form><chatter/></form>')  # doctest: +ELLIPSIS
    <form><div class="oe_chatter"><field name="message_follower_ids"/>...</div></form>
    """
    for chatter in root.findall(".//chatter"):
        div = etree.Element("div", {"class": "oe_chatter"})
        for name in ("message_follower_ids", "activity_ids", "message_ids"):
            etree.SubElement(div, "field", {"name": name})
        div.tail = chatter.tail
        chatter.getparent().replace(chatter, div)


def cron_repeats_for_ever(root):
    """17's crons stop after `numbercall` runs.

    >>> show(cron_repeats_for_ever, '<odoo><record model="ir.cron"/></odoo>')
    <odoo><record model="ir.cron"><field name="numbercall">-1</field></record></odoo>
    """
    for record in root.iterfind(".//record[@model='ir.cron']"):
        etree.SubElement(record, "field", {"name": "numbercall"}).text = "-1"


# (rule, the last series that needs it)
RULES = (
    (user_groups_field, 18),
    (privilege_to_category, 18),
    (search_group_expand, 18),
    (list_to_tree, 17),
    (chatter_to_div, 17),
    (cron_repeats_for_ever, 17),
)


def remove(element):
    """Takes an element out and keeps the text after it."""
    parent, before = element.getparent(), element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)


def show(rule, text):
    """Prints what a rule makes of an example."""
    root = etree.fromstring(text)
    rule(root)
    print(etree.tostring(root, encoding="unicode"))


def transform(text, series):
    """The XML text (bytes) for a series."""
    root = etree.fromstring(text)
    for rule, last_series in RULES:
        if series <= last_series:
            rule(root)
    return etree.tostring(root.getroottree(), encoding="utf-8", xml_declaration=True) + b"\n"


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in ("17", "18", "19"):
        print(__doc__, file=sys.stderr)
        return 64
    series = int(arguments[0])
    for path in sorted(Path(arguments[1]).rglob("*.xml")):
        if series < 19:
            path.write_bytes(transform(path.read_bytes(), series))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
