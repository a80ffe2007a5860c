"""Whether a connection was what the case says, by everybody who has seen it."""

PROOFS = ('client_finished', 'server_finished')
OF_CHAIN = ('chain', 'host_name')
KINDS = ('silent', 'echoes')
CLOSE = ('close_notify', 'user_canceled')


def expected(case, nth):
    """What both observers must say: ours inside the command, and another one that has the packets and the key log."""
    resumed = bool(nth and case.resumption)
    facts = {'state': 'established', 'version': 'TLS ' + case.version, 'alpn': 'http/1.1' if case.alpn else None}
    if not (resumed and case.version == '1.2'):
        facts['group'] = case.group
    if case.version == '1.3' and not resumed:
        facts['hello_retry'] = case.retry or None
    facts['resumption'] = None if not resumed else 'psk' if case.version == '1.3' else {'ticket': 'ticket', 'id': 'session_id'}[case.resumption]
    return facts, resumed


def proofs(case, resumed):
    """A resumed session's binder is none of them: key logs have no resumption secret."""
    names = list(PROOFS)
    if not resumed:
        names += ['server_signature', 'chain', 'host_name'] + (['client_signature'] if case.client else [])
    return names


def differences(facts, connection, who):
    return [f'{who}: {key} is {connection.get(key)}, not {value}' for key, value in facts.items() if connection.get(key) != value]


def verified(case, resumed, connection, who, seat):
    """What our server trusts is for its clients' certificates: of its own it says nothing."""
    said = {k: v for k, v in connection.get('verified', {}).items() if who != 'own' or seat == 'client' or k not in OF_CHAIN}
    wrong = [f'{who}: {name} {value}' for name, value in said.items() if value != 'ok']
    return wrong + [f'{who}: {name} is missing' for name in proofs(case, resumed) if name not in said and not (who == 'own' and seat == 'server' and name in OF_CHAIN)]


def lengths(connection):
    return {side: each['bytes'] for side, each in connection.get('plaintext', {}).items()}


def answered(connection):
    return any(x.get('status') == 200 for x in connection.get('exchanges', []))


def ended(connection, who, told):
    wrong = [f"{who}: alert {a.get('description')} from the {a['from']}" for a in connection.get('alerts', []) if a.get('description') not in CLOSE]
    wrong += [f"{who}: {f['id']}: {f['text'][:200]}" for f in connection['findings'] if f['severity'] in ('fatal', 'error')]
    wrong += [f'{who}: {side}: {n["failed"]} records could not be decrypted' for side, n in connection.get('records', {}).items() if n['failed']]
    if connection.get('state') == 'established' and not any(key in told for key in KINDS) and not answered(connection):
        wrong.append(f'{who}: no answer to the request was seen')
    said = lengths(connection)
    if 'echoes' in told and not said.get('client') == said.get('server') != 0:
        wrong.append(f'{who}: no echo was seen: {said}')
    return wrong


def of_connection(case, nth, own, seen, told, seat):
    """What is wrong with the nth connection of a case. own: what the command reports; seen: what the observer of the capture
    does; told: what the peer says of it, as far as it says anything."""
    facts, resumed = expected(case, nth)
    wrong = []
    for who, connection in (('own', own), ('observer', seen)):
        if not connection:
            wrong.append(f'{who}: nothing was seen of connection {nth + 1}')
            continue
        wrong += differences(facts, connection, who) + ended(connection, who, told)
        if connection.get('state') == 'established':
            wrong += verified(case, resumed, connection, who, seat)
    if own and seen:
        wrong += [f'own {key} is {own.get(key)}, the observer sees {seen.get(key)}' for key in ('cipher_suite', 'group', 'signature_scheme') if own.get(key) != seen.get(key)]
        wrong += [f'own {side} sent {lengths(own).get(side)} bytes of data, the observer sees {n}' for side, n in lengths(seen).items() if lengths(own).get(side) != n]
    if seen:
        wrong += contradictions(told, seen)
    return wrong


def contradictions(told, seen):
    """Where the peer says something else than the observer. `silent`: it asked for nothing; `echoes`: it
    answers with what it gets."""
    facts = {**seen, 'resumed': 'resumption' in seen}
    return [f'the peer says {key} is {value}, the observer sees {facts.get(key)}' for key, value in told.items() if key not in KINDS and facts.get(key) != value]
