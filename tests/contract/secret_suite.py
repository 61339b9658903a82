# SPDX-License-Identifier: LGPL-3.0-or-later
"""The workers' public key, secrets in the configuration, and reseal."""

import base64
import os

import pytest
from targets import Refused, key_id, sealed_like
from worker import Worker

PLAIN = "whsec_cGxhbiB0ZXh0IG9mIGEgc2VjcmV0LCAzMiBieXRlcw=="


def new_key():
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def key(target, worker):
    """A new key that a worker has shown and an administrator confirmed."""
    return confirmed(target, worker)


def confirmed(target, worker):
    public_key = new_key()
    worker.hello(public_key=public_key)
    target.confirm_key(public_key)
    return public_key


def secrets_of(worker, endpoint):
    """{id: value} as the configuration tells them."""
    return values_of(worker.endpoint(endpoint))


def values_of(told):
    return {secret["id"]: secret["value"] for secret in told.get("secrets", [])}


def is_sealed_to(value, public_key):
    start = "sealed:1:"
    return value.startswith(start) and base64.b64decode(value[len(start):])[:8] == key_id(public_key)


def test_a_key_is_used_once_it_is_confirmed(target, worker):
    public_key = new_key()
    assert worker.hello(public_key=public_key).get("sealing_public_key") != public_key
    assert worker.hello().get("sealing_public_key") != public_key
    target.confirm_key(public_key)
    assert worker.hello()["sealing_public_key"] == public_key
    # It is the database's: every worker is told, also one that shows none, or another.
    assert Worker(target).hello(options={"check_only": True})["sealing_public_key"] == public_key
    later = new_key()
    assert worker.hello(public_key=later)["sealing_public_key"] == public_key
    target.confirm_key(later)
    assert worker.hello(public_key=public_key)["sealing_public_key"] == later


def test_secrets_come_sealed_and_references_as_they_are(target, worker, endpoint, key):
    before = worker.hello()["configuration_revision"]
    sealed = target.add_secret(endpoint, PLAIN)
    named = target.add_secret(endpoint, "env:CONTRACT_TOKEN", purpose="bearer_token")
    answer = worker.configuration()
    assert answer["configuration_revision"] > before
    [told] = [item for item in answer["configuration"]["endpoints"] if item["id"] == endpoint]
    purposes = {secret["id"]: secret["purpose"] for secret in told["secrets"]}
    assert purposes == {sealed: "signing", named: "bearer_token"}
    values = secrets_of(worker, endpoint)
    assert is_sealed_to(values[sealed], key) and values[named] == "env:CONTRACT_TOKEN"
    assert PLAIN not in str(answer)


def test_reseal_replaces_what_is_still_there(target, worker, endpoint, key):
    secret, other = target.add_secret(endpoint, PLAIN), target.add_secret(endpoint, PLAIN, purpose="api_key")
    before = secrets_of(worker, endpoint)
    new = confirmed(target, worker)
    revision = worker.hello()["configuration_revision"]
    value = sealed_like(new)
    assert worker.reseal((secret, before[secret], value)) == [secret]
    assert secrets_of(worker, endpoint) == {secret: value, other: before[other]}
    grown = worker.hello()["configuration_revision"]
    assert grown > revision
    # A repeated call finds that it is done already.
    assert worker.reseal((secret, before[secret], sealed_like(new))) == []
    assert secrets_of(worker, endpoint)[secret] == value
    assert worker.hello()["configuration_revision"] == grown


def test_reseal_leaves_alone_what_it_must(target, worker, endpoint, key):
    secret, good = target.add_secret(endpoint, PLAIN), target.add_secret(endpoint, PLAIN, purpose="api_key")
    before = secrets_of(worker, endpoint)
    new = confirmed(target, worker)
    replaced = worker.reseal(
        (2147483647, before[secret], sealed_like(new)),  # no such secret
        (secret, sealed_like(key), sealed_like(new)),  # changed meanwhile
        (good, before[good], sealed_like(new)),
    )
    assert replaced == [good]
    for value in (sealed_like(key), sealed_like(new_key()), PLAIN, "", "sealed:1:", "sealed:1:?", "env:ELSE"):
        assert worker.reseal((secret, before[secret], value)) == []
    assert secrets_of(worker, endpoint)[secret] == before[secret]


def test_secrets_of_both_directions_stay_apart(target, worker, endpoint, inbound, key):
    outbound = target.add_secret(endpoint, PLAIN)
    signing = target.add_secret(inbound, PLAIN, inbound=True)
    token = target.add_secret(inbound, PLAIN, purpose="challenge_token", inbound=True)
    assert len({outbound, signing, token}) == 3
    told = worker.inbound_endpoint(inbound)
    assert {secret["id"]: secret["purpose"] for secret in told["secrets"]} == {
        signing: "signing", token: "challenge_token",
    }  # fmt: skip
    before = values_of(told)
    assert all(is_sealed_to(value, key) for value in before.values())
    assert set(secrets_of(worker, endpoint)) == {outbound}
    new = confirmed(target, worker)
    value = sealed_like(new)
    assert worker.reseal((token, before[token], value), (signing, sealed_like(key), sealed_like(new))) == [token]
    assert values_of(worker.inbound_endpoint(inbound)) == {signing: before[signing], token: value}


def test_a_reference_is_never_resealed(target, worker, endpoint, key):
    named = target.add_secret(endpoint, "env:CONTRACT_TOKEN", purpose="bearer_token")
    assert worker.reseal((named, "env:OTHER", sealed_like(key))) == []
    assert secrets_of(worker, endpoint) == {named: "env:CONTRACT_TOKEN"}


def test_a_copy_reseals_nothing(target, worker, endpoint, key):
    secret = target.add_secret(endpoint, PLAIN)
    [value] = secrets_of(worker, endpoint).values()
    target.set_neutralized(True)
    try:
        with pytest.raises(Refused) as refused:
            worker.reseal((secret, value, sealed_like(key)))
        assert refused.value.name == "odoo.exceptions.ValidationError"
    finally:
        target.set_neutralized(False)
    assert secrets_of(worker, endpoint) == {secret: value}
