/*
 * generate: writes a capture of N TLS 1.2 connections, each with a full handshake and a little data.
 *
 *     generate --connections N [--open] [--interleave K] [--seed S] [FILE]
 *
 * It exists to show how a reader's time and memory grow with the number of connections, so it has to be much
 * faster than any reader and the same on every machine: what connection number i says depends on the seed and
 * on i alone, and the order of the packets on the seed and K alone. No byte of it depends on the host.
 *
 * What is genuine: TCP with checksums, every message of the handshake in its RFC 5246 form, the Ed25519
 * certificates, and the signature in ServerKeyExchange, without which every connection would carry a finding. What is
 * not: the key shares and everything encrypted are pseudo-random bytes of the right length, since a passive reader can
 * tell no difference.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 100000000, /* addresses and ports in client_address() are enough for these */
    INTERLEAVE_MAX = 1000000,
    CERTIFICATES = 4,      /* distinct chains; connection i shows chain i mod 4 */
    CERTIFICATE_MAX = 512, /* bytes of one certificate */
    FRAME_MAX = 1514,
    OUTPUT_MAX = 1 << 20, /* bytes gathered for one write(2) */
    ETHERNET = 14,
    IPV4 = 20,
    TCP = 20,
    HEADERS = ETHERNET + IPV4 + TCP,
    PCAP_GLOBAL = 24,
    PCAP_PACKET = 16
};

enum { FIN = 0x01, SYN = 0x02, PSH = 0x08, ACK = 0x10 };
enum { CLIENT, SERVER };

static const int64_t NOT_BEFORE = 1767225600;              /* 2026-01-01T00:00:00Z */
static const int64_t NOT_AFTER = 2082758400;               /* 2036-01-01T00:00:00Z */
static const uint64_t CAPTURE_START_US = 1780000000000000; /* between the two */

struct certificate {
    uint8_t der[CERTIFICATE_MAX];
    size_t length;
    EVP_PKEY *key;
};

struct connection {
    uint64_t random; /* state of its own pseudo-random bytes */
    uint8_t randoms[2][32]; /* of the hellos */
    uint32_t index;
    uint32_t sequence[2];
    uint8_t step;
};

struct options {
    uint32_t connections, interleave;
    uint64_t seed;
    bool open;
    const char *file;
};

struct generator {
    struct options options;
    struct certificate certificates[CERTIFICATES];
    struct connection *in_progress;
    uint64_t random; /* of the order and the clock */
    uint64_t clock_us;
    int fd;
    size_t used;
    uint8_t output[OUTPUT_MAX];
};

/* ── pseudo-random bytes (splitmix64: one addition and a mix, any seed is a good seed) ── */

static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* ── writing bytes: every put returns the place after what it wrote ── */

static uint8_t *put_u8(uint8_t *at, unsigned value)
{
    *at = (uint8_t)value;
    return at + 1;
}

static uint8_t *put_u16(uint8_t *at, size_t value)
{
    return put_u8(put_u8(at, (unsigned)(value >> 8) & 0xff), (unsigned)value & 0xff);
}

static uint8_t *put_u24(uint8_t *at, size_t value)
{
    return put_u16(put_u8(at, (unsigned)(value >> 16) & 0xff), value & 0xffff);
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    return put_u16(put_u16(at, value >> 16), value & 0xffff);
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static uint8_t *put_random(uint8_t *at, uint64_t *state, size_t length)
{
    for (; length >= 8; length -= 8) {
        const uint64_t word = random_next(state);
        /* Byte by byte from the low end, so that the output is the same on every machine. */
        for (unsigned i = 0; i < 8; i++)
            at = put_u8(at, (unsigned)(word >> (8 * i)) & 0xff);
    }
    while (length-- > 0)
        at = put_u8(at, (unsigned)random_next(state) & 0xff);
    return at;
}

/* Lengths come before what they count: leave room, and fill it in when the end is known. */
static void close_u16(uint8_t *length_at, const uint8_t *end)
{
    put_u16(length_at, (size_t)(end - length_at) - 2);
}

static void close_u24(uint8_t *length_at, const uint8_t *end)
{
    put_u24(length_at, (size_t)(end - length_at) - 3);
}

/* ── TLS messages ── */

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

/* A record's header; its length is closed by close_u16(at - 2, end). */
static uint8_t *put_record(uint8_t *at, unsigned content_type, unsigned version)
{
    return put_u16(put_u16(put_u8(at, content_type), version), 0);
}

/* What AES-GCM leaves to be seen: explicit nonce, ciphertext and tag (RFC 5288, section 3). */
static uint8_t *put_sealed(uint8_t *at, struct connection *c, unsigned content_type, size_t plaintext)
{
    uint8_t *const body = put_record(at, content_type, 0x0303);
    uint8_t *const end = put_random(body, &c->random, 8 + plaintext + 16);
    close_u16(body - 2, end);
    return end;
}

static size_t server_name(char name[64], const struct connection *c)
{
    return (size_t)snprintf(name, 64, "c%08" PRIu32 ".bench%u.example", c->index, c->index % CERTIFICATES);
}

static uint8_t *put_client_extensions(uint8_t *at, const struct connection *c)
{
    static const uint8_t fixed[] = {
        0x00, 0x17, 0, 0,                                            /* extended_master_secret */
        0xff, 0x01, 0, 1,  0,                                        /* renegotiation_info, first handshake */
        0x00, 0x0a, 0, 6,  0, 4, 0x00, 0x1d, 0x00, 0x17,             /* supported_groups: x25519, secp256r1 */
        0x00, 0x0b, 0, 2,  1, 0,                                     /* ec_point_formats: uncompressed */
        0x00, 0x0d, 0, 8,  0, 6, 0x08, 0x07, 0x04, 0x03, 0x08, 0x04, /* signature_algorithms: ed25519 first */
        0x00, 0x10, 0, 11, 0, 9, 8,    'h',  't',  't',  'p',  '/',  '1', '.', '1'};
    char name[64];
    const size_t length = server_name(name, c);
    at = put_u16(put_u16(put_u16(at, 0x0000), length + 5), length + 3); /* server_name, its list */
    at = put_bytes(put_u16(put_u8(at, 0), length), name, length);
    return put_bytes(at, fixed, sizeof fixed);
}

static uint8_t *put_hello_random(uint8_t *at, struct connection *c, int from)
{
    uint8_t *const end = put_random(at, &c->random, sizeof c->randoms[from]);
    memcpy(c->randoms[from], at, sizeof c->randoms[from]);
    return end;
}

static uint8_t *put_client_hello(uint8_t *at, struct connection *c)
{
    static const uint8_t suites[] = {0, 6, 0xc0, 0x2b, 0xc0, 0x2c, 0xcc, 0xa9, 1, 0};
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0301);
    uint8_t *const body = put_u24(put_u8(record, 1), 0);
    at = put_hello_random(put_u16(body, 0x0303), c, CLIENT);
    at = put_u8(at, 0); /* no session to resume */
    at = put_bytes(at, suites, sizeof suites);
    uint8_t *const extensions = at;
    at = put_client_extensions(extensions + 2, c);
    close_u16(extensions, at);
    close_u24(body - 3, at);
    close_u16(record - 2, at);
    return at;
}

static uint8_t *put_server_hello(uint8_t *at, struct connection *c)
{
    static const uint8_t tail[] = {0xc0, 0x2b, 0,           /* ECDHE_ECDSA with AES_128_GCM_SHA256 */
                                   0,    30,                /* extensions */
                                   0x00, 0x17, 0, 0,        /* extended_master_secret */
                                   0xff, 0x01, 0, 1,  0,    /* renegotiation_info */
                                   0x00, 0x0b, 0, 2,  1, 0, /* ec_point_formats */
                                   0x00, 0x10, 0, 11, 0, 9, 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    uint8_t *const body = put_u24(put_u8(record, 2), 0);
    at = put_hello_random(put_u16(body, 0x0303), c, SERVER);
    at = put_random(put_u8(at, 32), &c->random, 32); /* a session ID, as servers with a cache give */
    at = put_bytes(at, tail, sizeof tail);
    close_u24(body - 3, at);
    close_u16(record - 2, at);
    return at;
}

static uint8_t *put_certificate(uint8_t *at, const struct certificate *certificate)
{
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    at = put_u24(put_u8(record, 11), certificate->length + 6);
    at = put_u24(put_u24(at, certificate->length + 3), certificate->length);
    at = put_bytes(at, certificate->der, certificate->length);
    close_u16(record - 2, at);
    return at;
}

/* Over both randoms and the parameters (RFC 8422, section 5.4). Without memory for it what it fills stays zero: a reader
 * then says so. */
static uint8_t *put_signature(uint8_t *at, const struct connection *c, EVP_PKEY *key, const uint8_t *parameters)
{
    uint8_t said[2 * 32 + 36];
    size_t length = 64;
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    memcpy(said, c->randoms, sizeof c->randoms);
    memcpy(said + sizeof c->randoms, parameters, 36);
    memset(at, 0, length);
    if (context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1)
        EVP_DigestSign(context, at, &length, said, sizeof said);
    EVP_MD_CTX_free(context);
    return at + 64;
}

static uint8_t *put_server_key_exchange(uint8_t *at, struct connection *c, EVP_PKEY *key)
{
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    uint8_t *const body = put_u24(put_u8(record, 12), 0);
    at = put_u8(put_u16(put_u8(body, 3), 0x001d), 32); /* named_curve, x25519 */
    at = put_random(at, &c->random, 32);
    at = put_u16(put_u16(at, 0x0807), 64); /* ed25519 */
    at = put_signature(at, c, key, body);
    close_u24(body - 3, at);
    close_u16(record - 2, at);
    return at;
}

static uint8_t *put_finished(uint8_t *at, struct connection *c)
{
    at = put_record(at, CHANGE_CIPHER_SPEC, 0x0303);
    uint8_t *const end = put_u8(at, 1);
    close_u16(at - 2, end);
    return put_sealed(end, c, HANDSHAKE, 16);
}

static uint8_t *put_server_flight(uint8_t *at, struct connection *c, const struct certificate *certificate)
{
    static const uint8_t server_hello_done[] = {HANDSHAKE, 3, 3, 0, 4, 14, 0, 0, 0};
    at = put_server_key_exchange(put_certificate(put_server_hello(at, c), certificate), c, certificate->key);
    return put_bytes(at, server_hello_done, sizeof server_hello_done);
}

static uint8_t *put_client_flight(uint8_t *at, struct connection *c)
{
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    at = put_u8(put_u24(put_u8(record, 16), 33), 32);
    at = put_random(at, &c->random, 32);
    close_u16(record - 2, at);
    return put_finished(at, c);
}

/* ── the packets around them ── */

static uint32_t sum_u16(uint32_t sum, const uint8_t *at, size_t length)
{
    for (; length >= 2; at += 2, length -= 2)
        sum += (uint32_t)(at[0] << 8 | at[1]);
    return length > 0 ? sum + (uint32_t)(at[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* 2^17 addresses of 198.18.0.0/15, kept for benchmarks by RFC 2544, then the next port. */
static uint32_t client_address(const struct connection *c)
{
    return 0xc6120000U | (c->index & 0x1ffff);
}

static unsigned client_port(const struct connection *c)
{
    return 1024U + (c->index >> 17);
}

static void put_ip(uint8_t *at, const struct connection *c, int from, size_t tcp_length)
{
    const uint32_t client = client_address(c), server = 0xc0000201U; /* 192.0.2.1, RFC 5737 */
    uint8_t *const ip = at;
    at = put_u16(put_u16(at, 0x4500), IPV4 + tcp_length);
    at = put_u16(put_u16(at, 0), 0x4000); /* don't fragment, hence no identification: RFC 6864, section 4.1 */
    at = put_u16(put_u8(put_u8(at, 64), 6), 0);
    put_u32(put_u32(at, from == CLIENT ? client : server), from == CLIENT ? server : client);
    put_u16(ip + 10, fold(sum_u16(0, ip, IPV4)));
}

static void put_tcp(uint8_t *at, const struct connection *c, int from, unsigned flags, size_t length)
{
    const unsigned port[2] = {client_port(c), 443};
    uint8_t *const tcp = at;
    at = put_u16(put_u16(at, port[from]), port[!from]);
    at = put_u32(at, c->sequence[from]);
    at = put_u32(at, (flags & ACK) ? c->sequence[!from] : 0);
    at = put_u16(put_u16(at, 0x5000 | flags), 64240);
    put_u32(at, 0); /* checksum, urgent pointer */
    const uint32_t pseudo =
        sum_u16(6 + (uint32_t)(TCP + length), tcp - 8, 8); /* the addresses stand before it */
    put_u16(tcp + 16, fold(sum_u16(pseudo, tcp, TCP + length)));
}

static bool flush(struct generator *g)
{
    for (size_t done = 0; done < g->used;) {
        const ssize_t n = write(g->fd, g->output + done, g->used - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    g->used = 0;
    return true;
}

/* pcap's own fields are little-endian here, on every host. */
static uint8_t *put_le32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at = put_u8(at, (value >> (8 * i)) & 0xff);
    return at;
}

static void put_pcap_global(struct generator *g)
{
    uint8_t *at = put_le32(g->output, 0xa1b2c3d4U);
    at = put_le32(at, 2 | 4 << 16);
    at = put_le32(put_le32(at, 0), 0);
    put_le32(put_le32(at, 65535), 1); /* snapshot length; Ethernet */
    g->used = PCAP_GLOBAL;
}

static const char *const ETHERNET_HEADER[2] = {
    "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08\x00", /* locally administered addresses */
    "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00"};

/* Puts the headers before a payload of the given length that already stands in the output, and counts it. */
static void finish_packet(struct generator *g, struct connection *c, int from, unsigned flags, size_t length)
{
    uint8_t *at = g->output + g->used;
    const uint32_t captured = (uint32_t)(HEADERS + length);
    g->clock_us += 1 + (random_next(&g->random) & 15);
    at = put_le32(at, (uint32_t)(g->clock_us / 1000000));
    at = put_le32(at, (uint32_t)(g->clock_us % 1000000));
    at = put_le32(put_le32(at, captured), captured);
    at = put_bytes(at, ETHERNET_HEADER[from], ETHERNET);
    put_ip(at, c, from, TCP + length);
    put_tcp(at + IPV4, c, from, flags, length);
    g->used += PCAP_PACKET + captured;
    /* SYN and FIN take a sequence number each: RFC 9293, section 3.4. */
    c->sequence[from] += (uint32_t)length + ((flags & (SYN | FIN)) ? 1 : 0);
}

/* ── one connection, packet by packet ── */

enum step {
    STEP_SYN,
    STEP_SYN_ACK,
    STEP_ACK,
    STEP_CLIENT_HELLO,
    STEP_SERVER_FLIGHT,
    STEP_CLIENT_FLIGHT,
    STEP_SERVER_FINISHED,
    STEP_REQUEST,
    STEP_RESPONSE,
    STEP_RESPONSE_MORE,
    STEP_LAST_ACK,
    STEPS_OPEN, /* an open connection ends here, established */
    STEP_CLIENT_CLOSE = STEPS_OPEN,
    STEP_SERVER_CLOSE,
    STEP_CLOSED,
    STEPS_CLOSED
};

static const struct {
    uint8_t from, flags;
} STEP[STEPS_CLOSED] = {
    [STEP_SYN] = {CLIENT, SYN},
    [STEP_SYN_ACK] = {SERVER, SYN | ACK},
    [STEP_ACK] = {CLIENT, ACK},
    [STEP_CLIENT_HELLO] = {CLIENT, PSH | ACK},
    [STEP_SERVER_FLIGHT] = {SERVER, PSH | ACK},
    [STEP_CLIENT_FLIGHT] = {CLIENT, PSH | ACK},
    [STEP_SERVER_FINISHED] = {SERVER, PSH | ACK},
    [STEP_REQUEST] = {CLIENT, PSH | ACK},
    [STEP_RESPONSE] = {SERVER, ACK},
    [STEP_RESPONSE_MORE] = {SERVER, PSH | ACK},
    [STEP_LAST_ACK] = {CLIENT, ACK},
    [STEP_CLIENT_CLOSE] = {CLIENT, FIN | PSH | ACK},
    [STEP_SERVER_CLOSE] = {SERVER, FIN | PSH | ACK},
    [STEP_CLOSED] = {CLIENT, ACK},
};

static uint8_t *put_payload(uint8_t *at, struct connection *c, const struct certificate *certificate)
{
    switch ((enum step)c->step) {
    case STEP_CLIENT_HELLO:
        return put_client_hello(at, c);
    case STEP_SERVER_FLIGHT:
        return put_server_flight(at, c, certificate);
    case STEP_CLIENT_FLIGHT:
        return put_client_flight(at, c);
    case STEP_SERVER_FINISHED:
        return put_finished(at, c);
    case STEP_REQUEST:
        return put_sealed(at, c, APPLICATION_DATA, 64 + c->index % 32);
    case STEP_RESPONSE:
    case STEP_RESPONSE_MORE:
        return put_sealed(at, c, APPLICATION_DATA, 96 + c->index % 64);
    case STEP_CLIENT_CLOSE:
    case STEP_SERVER_CLOSE:
        return put_sealed(at, c, ALERT, 2); /* close_notify */
    default:
        return at;
    }
}

static void start(const struct generator *g, struct connection *c, uint32_t index)
{
    c->index = index;
    c->step = 0;
    c->random = g->options.seed ^ ((uint64_t)index << 32) ^ index;
    c->random = random_next(&c->random); /* neighbours start far apart */
    c->sequence[CLIENT] = (uint32_t)random_next(&c->random);
    c->sequence[SERVER] = (uint32_t)random_next(&c->random);
}

static void step(struct generator *g, struct connection *c)
{
    uint8_t *const payload = g->output + g->used + PCAP_PACKET + HEADERS;
    const uint8_t *const end = put_payload(payload, c, &g->certificates[c->index % CERTIFICATES]);
    finish_packet(g, c, STEP[c->step].from, STEP[c->step].flags, (size_t)(end - payload));
    c->step++;
}

static bool generate(struct generator *g)
{
    const uint8_t last = g->options.open ? STEPS_OPEN : STEPS_CLOSED;
    uint32_t started = 0, active = 0;

    put_pcap_global(g);
    while (active < g->options.interleave && started < g->options.connections)
        start(g, &g->in_progress[active++], started++);
    while (active > 0) {
        if (OUTPUT_MAX - g->used < PCAP_PACKET + FRAME_MAX && !flush(g))
            return false;
        /* The high half times the count: a fair choice without a division. */
        const uint64_t chosen = (random_next(&g->random) >> 32) * active >> 32;
        struct connection *const c = &g->in_progress[chosen];
        step(g, c);
        if (c->step < last)
            continue;
        if (started < g->options.connections)
            start(g, c, started++);
        else
            *c = g->in_progress[--active];
    }
    return flush(g);
}

/* ── certificates, the same in every run: the keys are constants, and Ed25519 signs without a nonce ── */

static EVP_PKEY *make_key(uint8_t number)
{
    uint8_t secret[32];
    memset(secret, number + 1, sizeof secret);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret);
}

static bool name_certificate(X509 *x, unsigned number)
{
    char name[64];
    snprintf(name, sizeof name, "DNS:*.bench%u.example", number);
    X509_NAME *const subject = X509_get_subject_name(x);
    X509_NAME *const issuer = X509_get_issuer_name(x);
    X509_EXTENSION *const san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, name);
    const bool ok =
        san != NULL && X509_add_ext(x, san, -1) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const uint8_t *)name + 4, -1, -1, 0) == 1 &&
        X509_NAME_add_entry_by_txt(issuer, "CN", MBSTRING_ASC, (const uint8_t *)"Bench", -1, -1, 0) == 1;
    X509_EXTENSION_free(san);
    return ok;
}

static bool make_certificate(struct certificate *certificate, uint8_t number)
{
    X509 *const x = X509_new();
    EVP_PKEY *const key = make_key(number), *const issuer_key = make_key(CERTIFICATES);
    uint8_t *at = certificate->der;
    const bool ok = x != NULL && key != NULL && issuer_key != NULL &&
                    X509_set_version(x, X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(x), 0x1000 + number) == 1 &&
                    ASN1_TIME_set(X509_getm_notBefore(x), NOT_BEFORE) != NULL &&
                    ASN1_TIME_set(X509_getm_notAfter(x), NOT_AFTER) != NULL && name_certificate(x, number) &&
                    X509_set_pubkey(x, key) == 1 && X509_sign(x, issuer_key, NULL) > 0 &&
                    i2d_X509(x, NULL) <= CERTIFICATE_MAX;
    const int length = ok ? i2d_X509(x, &at) : 0;
    certificate->length = length > 0 ? (size_t)length : 0;
    certificate->key = key;
    X509_free(x);
    EVP_PKEY_free(issuer_key);
    return length > 0;
}

/* ── the command line ── */

static const char USAGE[] = "usage: generate --connections N [--open] [--interleave K] [--seed S] [FILE]\n"
                            "Writes a capture of N TLS 1.2 connections to FILE, or to standard output.\n"
                            "  --connections N   how many, 1 to 100000000\n"
                            "  --open            none is ever closed: no close_notify, no FIN\n"
                            "  --interleave K    connections in progress at once (default: 64)\n"
                            "  --seed S          another capture of the same shape (default: 1)\n";

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *text != '-' && *value >= low && *value <= high;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {{"connections", required_argument, NULL, 'n'},
                                          {"open", no_argument, NULL, 'o'},
                                          {"interleave", required_argument, NULL, 'k'},
                                          {"seed", required_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    uint64_t number = 0;
    int option;
    *o = (struct options){.interleave = 64, .seed = 1};
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'n' && parse_number(optarg, 1, CONNECTIONS_MAX, &number))
            o->connections = (uint32_t)number;
        else if (option == 'k' && parse_number(optarg, 1, INTERLEAVE_MAX, &number))
            o->interleave = (uint32_t)number;
        else if (option == 's' && parse_number(optarg, 0, UINT64_MAX, &number))
            o->seed = number;
        else if (option == 'o')
            o->open = true;
        else
            return false;
    }
    if (optind < argc && strcmp(argv[optind], "-") != 0)
        o->file = argv[optind];
    return o->connections > 0 && argc - optind <= 1;
}

int main(int argc, char **argv)
{
    static struct generator g; /* with its output buffer, too large for some stacks */

    if (!parse_options(argc, argv, &g.options)) {
        fputs(USAGE, stderr);
        return 2;
    }
    const char *const shown = g.options.file != NULL ? g.options.file : "standard output";
    if (g.options.file == NULL && isatty(STDOUT_FILENO)) {
        fputs("generate: standard output is a terminal: name a file, or pipe it into a reader\n", stderr);
        return 2;
    }
    for (uint8_t i = 0; i < CERTIFICATES; i++) {
        if (!make_certificate(&g.certificates[i], i)) {
            fputs("generate: libcrypto could not make an Ed25519 certificate\n", stderr);
            return EXIT_FAILURE;
        }
    }
    g.random = g.options.seed;
    g.clock_us = CAPTURE_START_US;
    g.in_progress = calloc(g.options.interleave, sizeof *g.in_progress);
    g.fd = g.options.file != NULL ? open(g.options.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
                                  : STDOUT_FILENO;
    bool ok = g.in_progress != NULL && g.fd >= 0 && generate(&g);
    if (g.options.file != NULL && g.fd >= 0 && close(g.fd) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "generate: %s: %s\n", shown, strerror(errno));
    free(g.in_progress);
    for (size_t i = 0; i < CERTIFICATES; i++)
        EVP_PKEY_free(g.certificates[i].key);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
