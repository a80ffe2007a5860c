/*
 * generate: writes a capture of N TLS 1.2 connections, each with a full handshake and a little data.
 *
 *     generate --connections N [--open] [--shapes LIST] [--interleave K] [--seed S] [FILE]
 *
 * It exists to show how a reader's time and memory grow with the number of connections, so it has to be much
 * faster than any reader and the same on every machine: what connection number i says depends on the seed and
 * on i alone, and the order of the packets on the seed and K alone. No byte of it depends on the host.
 *
 * What is genuine: TCP with checksums, every message of the handshake in its RFC 5246 form, the Ed25519
 * certificates, and the signature in ServerKeyExchange, without which every connection would carry a finding. What is
 * not: the key shares and everything encrypted are pseudo-random bytes of the right length, since a passive reader can
 * tell no difference.
 *
 * --shapes makes connections that stop early, as attacks leave them; --oldest-open and --same-ports are two more ways
 * to make a reader keep what it could let go.
 */
#include "generate.h"

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
    SHAPES_MAX = 64,
    SEGMENT_MAX = 1460,
    FRAME_MAX = 1514,
    PAYLOAD_MAX = 16384 + 5,     /* of one step: a full record */
    BURST_MAX = 2 * PAYLOAD_MAX, /* what one step adds to the output, headers included */
    TICKET = 14600,              /* bytes that make a hello of 15 KB */
    DIALOGUE = 2000,
    SAME_PORTS_APART_US = 5000000, /* longer than packets of one that was closed are waited for */
    OUTPUT_MAX = 1 << 20,          /* bytes gathered for one write(2) */
    ETHERNET = 14,
    IPV4 = 20,
    TCP = 20,
    HEADERS = ETHERNET + IPV4 + TCP,
    PCAP_GLOBAL = 24,
    PCAP_PACKET = 16
};

enum { FIN = 0x01, SYN = 0x02, PSH = 0x08, ACK = 0x10 };

static const int64_t NOT_BEFORE = 1767225600;              /* 2026-01-01T00:00:00Z */
static const int64_t NOT_AFTER = 2082758400;               /* 2036-01-01T00:00:00Z */
static const uint64_t CAPTURE_START_US = 1780000000000000; /* between the two */

enum shape {
    SHAPE_ESTABLISHED,
    SHAPE_SYN,
    SHAPE_HELLO,
    SHAPE_SHORT_HELLO,
    SHAPE_LARGE_HELLO,
    SHAPE_SHORT_LARGE_HELLO,
    SHAPE_EARLY,
    SHAPE_SHORT_FLIGHT,
    SHAPE_DIALOGUE,
    SHAPES
};

struct options {
    uint32_t connections, interleave;
    uint64_t seed;
    bool open, oldest_open, same_ports;
    uint8_t shapes[SHAPES_MAX];
    uint32_t shapes_count;
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
    uint8_t payload[PAYLOAD_MAX];
    uint8_t output[OUTPUT_MAX];
};

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
    return 0xc6120000U | (c->place & 0x1ffff);
}

static unsigned client_port(const struct connection *c)
{
    return 1024U + (c->place >> 17);
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
    put_u32(at, 0);                                                            /* checksum, urgent pointer */
    const uint32_t pseudo = sum_u16(6 + (uint32_t)(TCP + length), tcp - 8, 8); /* the addresses stand before it */
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

/* What connections of each shape send before they stop: steps, and how many bytes of the last are kept back. */
static const struct {
    const char *name;
    uint8_t steps, missing;
} SHAPE[SHAPES] = {
    [SHAPE_ESTABLISHED] = {"established", STEPS_OPEN, 0},
    [SHAPE_SYN] = {"syn", STEP_SYN + 1, 0},
    [SHAPE_HELLO] = {"hello", STEP_CLIENT_HELLO + 1, 0},
    [SHAPE_SHORT_HELLO] = {"short-hello", STEP_CLIENT_HELLO + 1, 1},
    [SHAPE_LARGE_HELLO] = {"large-hello", STEP_CLIENT_HELLO + 1, 0},
    [SHAPE_SHORT_LARGE_HELLO] = {"short-large-hello", STEP_CLIENT_HELLO + 1, 1},
    [SHAPE_EARLY] = {"early", STEP_CLIENT_HELLO + 1, 0},
    [SHAPE_SHORT_FLIGHT] = {"short-flight", STEP_SERVER_FLIGHT + 1, 1},
    [SHAPE_DIALOGUE] = {"dialogue", STEP_CLIENT_HELLO + 1, 0},
};

static uint8_t *put_dialogue(uint8_t *at, struct connection *c)
{
    memset(at, 'a' + (int)(c->index % 26), DIALOGUE);
    memcpy(at, "EHLO ", 5);
    return at + DIALOGUE;
}

static uint8_t *put_first_flight(uint8_t *at, struct connection *c)
{
    switch ((enum shape)c->shape) {
    case SHAPE_LARGE_HELLO:
    case SHAPE_SHORT_LARGE_HELLO:
        return put_client_hello(at, c, TICKET);
    case SHAPE_DIALOGUE:
        return put_dialogue(at, c);
    default:
        return put_client_hello(at, c, 0);
    }
}

static uint8_t *put_payload(uint8_t *at, struct connection *c, const struct certificate *certificate)
{
    switch ((enum step)c->step) {
    case STEP_CLIENT_HELLO:
        return put_first_flight(at, c);
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
    case STEP_SERVER_CLOSE: /* close_notify, where there are keys for it */
        return c->shape == SHAPE_ESTABLISHED ? put_sealed(at, c, ALERT, 2) : at;
    default:
        return at;
    }
}

static void start(const struct generator *g, struct connection *c, uint32_t index)
{
    c->index = index;
    c->place = g->options.same_ports ? 0 : index;
    c->shape = g->options.shapes[index % g->options.shapes_count];
    c->open = g->options.open || (g->options.oldest_open && index == 0);
    c->step = 0;
    c->random = g->options.seed ^ ((uint64_t)index << 32) ^ index;
    c->random = random_next(&c->random); /* neighbours start far apart */
    c->sequence[CLIENT] = (uint32_t)random_next(&c->random);
    c->sequence[SERVER] = (uint32_t)random_next(&c->random);
    if (g->options.same_ports)
        c->sequence[CLIENT] = c->sequence[SERVER] = 1;
}

/* Sends the payload of a step in packets as large as Ethernet carries, at least one. */
static void put_segments(struct generator *g, struct connection *c, const uint8_t *payload, size_t length)
{
    do {
        const size_t piece = length < SEGMENT_MAX ? length : SEGMENT_MAX;
        put_bytes(g->output + g->used + PCAP_PACKET + HEADERS, payload, piece);
        finish_packet(g, c, STEP[c->step].from, STEP[c->step].flags, piece);
        payload += piece;
        length -= piece;
    } while (length > 0);
}

static void step(struct generator *g, struct connection *c)
{
    const uint8_t *const end = put_payload(g->payload, c, &g->certificates[c->index % CERTIFICATES]);
    const bool last = c->step + 1 == SHAPE[c->shape].steps;
    const uint8_t *first = g->payload;
    if (last && c->shape == SHAPE_EARLY) {
        c->sequence[CLIENT]++; /* the first byte is lost */
        first++;
    }
    put_segments(g, c, first, (size_t)(end - first) - (last ? SHAPE[c->shape].missing : 0));
    c->step = last ? STEPS_OPEN : (uint8_t)(c->step + 1);
}

static bool is_over(const struct connection *c)
{
    return c->step >= (c->open ? STEPS_OPEN : STEPS_CLOSED);
}

static bool generate(struct generator *g)
{
    uint32_t started = 0, active = 0;

    put_pcap_global(g);
    while (active < g->options.interleave && started < g->options.connections)
        start(g, &g->in_progress[active++], started++);
    while (active > 0) {
        if (OUTPUT_MAX - g->used < BURST_MAX && !flush(g))
            return false;
        /* The high half times the count: a fair choice without a division. */
        const uint64_t chosen = (random_next(&g->random) >> 32) * active >> 32;
        struct connection *const c = &g->in_progress[chosen];
        step(g, c);
        if (!is_over(c))
            continue;
        if (g->options.same_ports)
            g->clock_us += SAME_PORTS_APART_US;
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
    const bool ok = x != NULL && key != NULL && issuer_key != NULL && X509_set_version(x, X509_VERSION_3) == 1 &&
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

static const char USAGE[] =
    "usage: generate --connections N [--open] [--interleave K] [--seed S] [--shapes LIST] [FILE]\n"
    "Writes a capture of N TLS 1.2 connections to FILE, or to standard output.\n"
    "  --connections N   how many, 1 to 100000000\n"
    "  --open            none is ever closed: no close_notify, no FIN\n"
    "  --oldest-open     the first one stays open, the others are closed\n"
    "  --interleave K    connections in progress at once (default: 64)\n"
    "  --same-ports      all have the addresses, ports and sequence numbers of the first, 5 s apart\n"
    "  --seed S          another capture of the same shape (default: 1)\n"
    "  --shapes LIST     what they send before they stop, in turn; names with commas between them:\n"
    "                    established (default), syn, hello, short-hello (the last byte is missing),\n"
    "                    large-hello (15 KB), short-large-hello, early (the first byte of the hello is\n"
    "                    missing), short-flight (the server's), dialogue (2 KB before TLS, no line end)\n";

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *text != '-' && *value >= low && *value <= high;
}

static bool parse_shapes(const char *text, struct options *o)
{
    for (o->shapes_count = 0; o->shapes_count < SHAPES_MAX; o->shapes_count++) {
        const size_t length = strcspn(text, ",");
        uint8_t shape = 0;
        while (shape < SHAPES && (strlen(SHAPE[shape].name) != length || memcmp(SHAPE[shape].name, text, length) != 0))
            shape++;
        if (shape == SHAPES)
            return false;
        o->shapes[o->shapes_count] = shape;
        if (text[length] == '\0')
            return ++o->shapes_count > 0;
        text += length + 1;
    }
    return false;
}

static bool parse_option(int option, struct options *o)
{
    uint64_t number = 0;
    bool ok = true;
    switch (option) {
    case 'n':
        ok = parse_number(optarg, 1, CONNECTIONS_MAX, &number);
        o->connections = (uint32_t)number;
        return ok;
    case 'k':
        ok = parse_number(optarg, 1, INTERLEAVE_MAX, &number);
        o->interleave = (uint32_t)number;
        return ok;
    case 's':
        return parse_number(optarg, 0, UINT64_MAX, &o->seed);
    case 'h':
        return parse_shapes(optarg, o);
    case 'o':
        return o->open = true;
    case 'f':
        return o->oldest_open = true;
    case 'p':
        return o->same_ports = true;
    default:
        return false;
    }
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"connections", required_argument, NULL, 'n'}, {"open", no_argument, NULL, 'o'},
        {"oldest-open", no_argument, NULL, 'f'},       {"interleave", required_argument, NULL, 'k'},
        {"same-ports", no_argument, NULL, 'p'},        {"seed", required_argument, NULL, 's'},
        {"shapes", required_argument, NULL, 'h'},      {NULL, 0, NULL, 0}};
    int option;
    *o = (struct options){.interleave = 64, .seed = 1, .shapes = {SHAPE_ESTABLISHED}, .shapes_count = 1};
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (!parse_option(option, o))
            return false;
    }
    if (o->same_ports)
        o->interleave = 1;
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
    g.fd =
        g.options.file != NULL ? open(g.options.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : STDOUT_FILENO;
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
