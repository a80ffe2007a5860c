"""What is held against each other: the dimensions, what a peer claims of them, and which combinations are run."""
import dataclasses
import itertools

VERSIONS = ('1.2', '1.3')
CERTIFICATES = ('rsa', 'rsa-pss', 'p256', 'ed25519')
GROUPS = ('x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448', 'ffdhe2048', 'ffdhe3072')
HYBRIDS = ('X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024')  # draft-ietf-tls-ecdhe-mlkem; see --libraries
RESUMPTIONS = ('', 'ticket', 'id')  # id: the session's number, up to TLS 1.2 (RFC 5246, 7.3)
CLIENTS = ('', 'client-rsa', 'client-p256', 'client-ed25519')
NAMES = ('version', 'certificate', 'group', 'resumption', 'client', 'retry', 'alpn')


@dataclasses.dataclass(frozen=True)
class Case:
    """One server, and a client that connects once, or twice where a session is resumed. `certificate` is the server's,
    `client` the client's. `retry`: the client's first key share is of another group, and the server asks for `group` by a
    HelloRetryRequest. `alpn`: http/1.1 is selected."""
    version: str
    certificate: str
    group: str
    resumption: str = ''
    client: str = ''
    retry: bool = False
    alpn: bool = False

    def __str__(self):
        words = ['TLS ' + self.version, self.certificate, self.group, self.resumption and 'resumed by ' + self.resumption, self.client,
                 self.retry and 'HelloRetryRequest', self.alpn and 'ALPN']
        return ', '.join(word for word in words if word)

    @property
    def count(self):
        return 2 if self.resumption else 1

    def groups(self, first=None):
        """The client's list. RFC 8422, 5.1: up to TLS 1.2 it is also for the curves of ECDSA certificates."""
        groups = ([first] if self.retry and first else []) + [self.group]
        if self.version == '1.2' and 'p256' in self.certificate + self.client and 'secp256r1' not in groups:
            groups.append('secp256r1')
        return groups

    def server_groups(self):
        return dataclasses.replace(self, retry=False).groups()

    @property
    def is_ffdhe(self):
        return self.group.startswith('ffdhe')

    @property
    def is_hybrid(self):
        return self.group in HYBRIDS


def makes_sense(case):
    if case.version == '1.2':
        # RFC 7919, 4: in TLS 1.2 a finite field group needs a DHE suite, and those that are in use are DHE_RSA.
        return not case.retry and not case.is_hybrid and not (case.is_ffdhe and not case.certificate.startswith('rsa'))
    return case.resumption != 'id'


@dataclasses.dataclass
class Claims:
    """What a peer says that it can in one seat. Each of the lists is for both versions, or a dictionary by version.
    `clients`: client certificates that it has or verifies. `retry`, `alpn`: the values that can be brought about. `but`
    says of a case that it is not claimed all the same."""
    versions: tuple = VERSIONS
    certificates: object = CERTIFICATES
    groups: object = GROUPS
    resumptions: object = RESUMPTIONS
    clients: object = CLIENTS
    retry: tuple = (False, True)
    alpn: tuple = (False, True)
    but: object = None

    def of(self, values, version):
        return values.get(version, ()) if isinstance(values, dict) else values

    def cases(self):
        for version in self.versions:
            lists = [self.of(values, version) for values in (self.certificates, self.groups, self.resumptions, self.clients, self.retry, self.alpn)]
            for values in itertools.product(*lists):
                case = Case(version, *values)
                if makes_sense(case) and not (self.but and self.but(case)):
                    yield case


def parts(case, strength):
    """Every combination of so many values that a case has."""
    return itertools.combinations([(name, getattr(case, name)) for name in NAMES], strength)


def cover(cases, strength):
    """A few of the cases in which every combination of `strength` values occurs that occurs in all of them. Greedy, and the
    same each time."""
    parted = [(case, frozenset(parts(case, strength))) for case in cases]
    left, chosen = set().union(*(p for _, p in parted)) if parted else set(), []
    while left:
        # What a case adds only shrinks: those that add little now never become the best again before the others shrink.
        parted = [(case, p & left) for case, p in parted]
        parted = [(case, p) for case, p in parted if p]
        case, gained = max(parted, key=lambda each: len(each[1]))
        chosen.append(case)
        left -= gained
    order = {case: i for i, case in enumerate(cases)}
    return sorted(chosen, key=order.__getitem__)
