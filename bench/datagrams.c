/*
 * datagrams: writes a capture of QUIC.
 *
 *     datagrams --hellos N [FILE]       N connections: both hellos, and what follows them under keys that nobody has
 *     datagrams --open N [FILE]         N connections of which the client's first Initial is all
 *     datagrams --download BYTES FILE   one connection that carries so many; FILE.keys is its key log
 *
 * Packets are sealed by what opens them in the library (protect/quic.h), under keys that are made of a seed: the file
 * is the same on every machine. Key shares are pseudo-random. The download resumes by a PSK, so that no certificate is
 * needed: its Finished messages hold, its binder is pseudo-random. It is HTTP/3: a request, and one answer.
 */
#include "base/writer.h"
#include "codec/frame/frame.h"
#include "codec/quic.h"
#include "crypto/hash.h"
#include "generate.h"
#include "keys/quic.h"
#include "protect/quic.h"
#include "registry/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    VERSION = 1,
    SUITE = 0x1301,
    KEY = 16,
    HASH = 32,
    CID = 8,
    DATAGRAM = 1200, /* RFC 9000, 14.1: what an Initial is padded to */
    STREAM_DATA = 1160,
    ACK_EVERY = 16,
    LINK = 14 + 20 + 8,
    ROOM = 2048,
    OUTPUT = 1 << 20,
};

static const uint64_t START_US = 1780000000000000;

struct side {
    struct wt_protector *protector;
    struct wt_mask *mask;
    uint64_t number;
};

struct generator {
    struct wt_crypto *crypto;
    struct wt_schedule schedule;
    const struct wt_quic_version *version;
    uint64_t random, clock_us;
    uint32_t connection;
    uint8_t cid[2][CID], first[CID], client_random[32]; /* first: what the client called the server before it knew */
    struct side sides[2];
    struct wt_hash *transcript;
    uint8_t secrets[2][HASH];
    FILE *keys;
    int fd;
    size_t used;
    uint8_t output[OUTPUT];
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "datagrams: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void must(bool so, const char *what)
{
    if (!so)
        die(what);
}

/* ── the file ── */

static void flush(struct generator *g)
{
    for (size_t done = 0; done < g->used;) {
        const ssize_t n = write(g->fd, g->output + done, g->used - done);
        if (n < 0 && errno == EINTR)
            continue;
        must(n > 0, "writing");
        done += (size_t)n;
    }
    g->used = 0;
}

static uint8_t *little(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at = put_u8(at, value >> (8 * i) & 0xff);
    return at;
}

static void put_global(struct generator *g)
{
    uint8_t *at = little(g->output, 0xa1b2c3d4);
    at = put_u8(put_u8(put_u8(put_u8(at, 2), 0), 4), 0);
    g->used = (size_t)(little(little(little(little(at, 0), 0), 65535), 1) - g->output);
}

static uint16_t sum_of(const uint8_t *at, size_t n, uint32_t sum)
{
    for (; n >= 2; at += 2, n -= 2)
        sum += (uint32_t)(at[0] << 8 | at[1]);
    if (n)
        sum += (uint32_t)(at[0] << 8);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/* Addresses as generate has them. */
static void put_datagram(struct generator *g, int from, const uint8_t *payload, size_t n)
{
    const uint32_t client = 0xc6120000U | (g->connection & 0x1ffff), server = 0xc0000201U;
    const unsigned port = 1024 + (g->connection >> 17);
    if (g->used + 16 + LINK + n > OUTPUT)
        flush(g);
    g->clock_us += 4;
    uint8_t *at = g->output + g->used;
    at = little(little(at, (uint32_t)(g->clock_us / 1000000)), (uint32_t)(g->clock_us % 1000000));
    at = little(little(at, (uint32_t)(LINK + n)), (uint32_t)(LINK + n));
    at = put_u32(put_u16(at, 0x0200), 0x5e005300U + (from == CLIENT ? SERVER : CLIENT));
    at = put_u32(put_u16(at, 0x0200), 0x5e005300U + (unsigned)from);
    uint8_t *const ip = put_u16(at, 0x0800);
    at = put_u16(put_u16(put_u16(put_u16(ip, 0x4500), 28 + n), 0), 0x4000);
    at = put_u16(put_u8(put_u8(at, 64), 17), 0);
    at = put_u32(put_u32(at, from == CLIENT ? client : server), from == CLIENT ? server : client);
    put_u16(ip + 10, sum_of(ip, 20, 0));
    uint8_t *const udp = at;
    at = put_u16(put_u16(at, from == CLIENT ? port : 443), from == CLIENT ? 443 : port);
    at = put_bytes(put_u16(put_u16(at, 8 + n), 0), payload, n);
    uint32_t pseudo = 17 + (uint32_t)(8 + n);
    for (const uint8_t *p = ip + 12; p < ip + 20; p += 2)
        pseudo += (uint32_t)(p[0] << 8 | p[1]);
    const uint16_t sum = sum_of(udp, 8 + n, pseudo);
    put_u16(udp + 6, sum ? sum : 0xffff);
    g->used = (size_t)(at - g->output);
}

/* ── packets ── */

static void side_end(struct side *side)
{
    wt_protector_free(side->protector);
    wt_mask_free(side->mask);
    *side = (struct side){0};
}

static void side_start(struct generator *g, struct side *side, const uint8_t *secret)
{
    struct wt_quic_keys keys;
    const struct wt_suite *suite = wt_suite_find(SUITE);
    side_end(side);
    must(wt_quic_keys_of(&g->schedule, g->version, wt_span_of(secret, HASH), KEY, &keys), "keys");
    side->protector = wt_quic_protector_new(g->crypto, suite, wt_span_of(keys.key, KEY),
                                            wt_span_of(keys.iv, sizeof keys.iv), true, NULL);
    side->mask = wt_mask_new(g->crypto, (enum wt_cipher_id)suite->cipher, wt_span_of(keys.hp, KEY));
    must(side->protector && side->mask, "keys");
}

/* A packet of frames; how many bytes it has. */
static size_t seal(struct generator *g, int from, enum wt_quic_packet packet, struct wt_span frames, uint8_t *out)
{
    enum { NUMBER = 3 };
    struct side *side = &g->sides[from];
    uint8_t room[64];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    struct wt_quic_header header = {.row = g->version,
                                    .packet = packet,
                                    .version = VERSION,
                                    .dcid = wt_span_of(g->cid[!from], CID),
                                    .scid = wt_span_of(g->cid[from], CID)};
    header.first =
        packet == WT_QUIC_1RTT
            ? WT_QUIC_FIXED | (NUMBER - 1)
            : (uint8_t)(WT_QUIC_LONG | WT_QUIC_FIXED | wt_quic_long_bits(g->version, packet) << 4 | (NUMBER - 1));
    if (packet == WT_QUIC_INITIAL && from == CLIENT && side->number == 0)
        header.dcid = wt_span_of(g->first, CID);
    wt_quic_header_write(&w, &header, side->number, frames.n + WT_QUIC_TAG);
    const size_t n =
        wt_quic_seal(side->protector, side->mask, wt_span_of(room, w.n), NUMBER, side->number++, frames, out);
    must(n, "sealing");
    return n;
}

static struct wt_span frames_written(struct wt_writer *w, size_t least)
{
    while (w->n < least)
        wt_write_u8(w, 0);
    return wt_span_of(w->p, w->n);
}

static void write_ack(struct wt_writer *w, uint64_t largest)
{
    wt_quic_frame_write(
        w, &(struct wt_quic_frame){
               .kind = WT_FRAME_ACK, .type = 2, .ack = {.largest_acknowledged = largest, .first_ack_range = largest}});
}

static void write_crypto(struct wt_writer *w, uint64_t offset, struct wt_span message)
{
    wt_quic_frame_write(w,
                        &(struct wt_quic_frame){.kind = WT_FRAME_CRYPTO, .type = 6, .offset = offset, .data = message});
}

static void write_stream(struct wt_writer *w, uint64_t id, uint64_t offset, bool fin, struct wt_span data)
{
    const uint64_t type = 8 | WT_STREAM_LEN | (offset ? WT_STREAM_OFF : 0) | (fin ? WT_STREAM_FIN : 0);
    wt_quic_frame_write(w, &(struct wt_quic_frame){
                               .kind = WT_FRAME_STREAM, .type = type, .stream_id = id, .offset = offset, .data = data});
}

/* ── messages ── */

static uint8_t *put_key_share(uint8_t *at, struct generator *g, bool list)
{
    at = put_u16(put_u16(at, 51), list ? 38 : 36);
    if (list)
        at = put_u16(at, 36);
    return put_random(put_u16(put_u16(at, 0x001d), 32), &g->random, 32);
}

static uint8_t *put_transport_parameters(uint8_t *at, struct generator *g, int from)
{
    uint8_t *const length = put_u16(at, 57);
    at = put_bytes(length + 2,
                   "\x01\x04\x80\x00\x75\x30\x04\x04\xbf\xff\xff\xff\x05\x04\xbf\xff\xff\xff\x06\x04\xbf\xff\xff\xff"
                   "\x07\x04\xbf\xff\xff\xff\x08\x02\x40\x64\x09\x01\x03",
                   37);
    at = put_bytes(put_u8(put_u8(at, 0x0f), CID), g->cid[from], CID); /* initial_source_connection_id */
    if (from == SERVER)
        at = put_bytes(put_u8(put_u8(at, 0x00), CID), g->first, CID); /* original_destination_connection_id */
    close_u16(length, at);
    return at;
}

static size_t client_hello(struct generator *g, bool psk, uint8_t *out)
{
    uint8_t *const length = put_u8(out, 1), *at = put_u16(length + 3, 0x0303);
    put_random(g->client_random, &g->random, 32);
    at = put_u8(put_bytes(at, g->client_random, 32), 0);
    at = put_u16(put_u16(put_u16(put_u16(at, 6), 0x1301), 0x1302), 0x1303);
    uint8_t *const extensions = put_u8(put_u8(at, 1), 0);
    at = put_bytes(extensions + 2, "\0\0\0\x14\0\x12\0\0\x0fwww.example.com", 24);
    at = put_bytes(at, "\0\x0a\0\x06\0\x04\0\x1d\0\x17\0\x0d\0\x08\0\x06\x04\x03\x08\x04\x08\x07", 22);
    at = put_bytes(at, "\0\x10\0\x05\0\x03\x02h3\0\x2b\0\x03\x02\x03\x04\0\x2d\0\x02\x01\x01", 22);
    at = put_transport_parameters(put_key_share(at, g, true), g, CLIENT);
    if (psk) {
        at = put_u16(put_u16(put_u16(at, 41), 2 + 2 + 16 + 4 + 2 + 1 + HASH), 2 + 16 + 4);
        at = put_random(put_u16(at, 16), &g->random, 16 + 4); /* a ticket, its obfuscated age */
        at = put_random(put_u8(put_u16(at, 1 + HASH), HASH), &g->random, HASH);
    }
    close_u16(extensions, at);
    close_u24(length, at);
    return (size_t)(at - out);
}

static size_t server_hello(struct generator *g, bool psk, uint8_t *out)
{
    uint8_t *const length = put_u8(out, 2), *at = put_random(put_u16(length + 3, 0x0303), &g->random, 32);
    uint8_t *const extensions = put_u8(put_u16(put_u8(at, 0), SUITE), 0);
    at = put_key_share(put_bytes(extensions + 2, "\0\x2b\0\x02\x03\x04", 6), g, false);
    if (psk)
        at = put_bytes(at, "\0\x29\0\x02\0\0", 6);
    close_u16(extensions, at);
    close_u24(length, at);
    return (size_t)(at - out);
}

static size_t encrypted_extensions(struct generator *g, uint8_t *out)
{
    uint8_t *const length = put_u8(out, 8), *at = put_bytes(length + 3 + 2, "\0\x10\0\x05\0\x03\x02h3", 9);
    at = put_transport_parameters(at, g, SERVER);
    close_u16(length + 3, at);
    close_u24(length, at);
    return (size_t)(at - out);
}

static size_t finished(struct generator *g, const uint8_t *secret, uint8_t *out)
{
    uint8_t so_far[WT_DIGEST_MOST];
    const size_t n = wt_hash_peek(g->transcript, so_far);
    must(
        wt_verify_data13(&g->schedule, wt_span_of(secret, HASH), wt_span_of(so_far, n), put_u24(put_u8(out, 20), HASH)),
        "Finished");
    return 4 + HASH;
}

/* ── connections ── */

/* Ids, and the keys of Initial packets; both hellos, of which *server is the length of the server's. */
static void begin(struct generator *g)
{
    uint8_t secrets[2][HASH];
    put_random(g->first, &g->random, CID);
    put_random(g->cid[CLIENT], &g->random, CID);
    put_random(g->cid[SERVER], &g->random, CID);
    must(wt_quic_initial_secrets(&g->schedule, g->version, wt_span_of(g->first, CID), secrets[0], secrets[1]),
         "keys of Initial packets");
    for (int side = 0; side < 2; side++)
        side_start(g, &g->sides[side], secrets[side]);
}

static void first_initial(struct generator *g, struct wt_span hello)
{
    uint8_t inside[ROOM], packet[ROOM];
    struct wt_writer w = wt_writer_start(inside, sizeof inside);
    write_crypto(&w, 0, hello);
    const size_t header = 1 + 4 + 1 + CID + 1 + CID + 1 + 2 + 3;
    const size_t n = seal(g, CLIENT, WT_QUIC_INITIAL, frames_written(&w, DATAGRAM - header - WT_QUIC_TAG), packet);
    put_datagram(g, CLIENT, packet, n);
}

static size_t server_initial(struct generator *g, struct wt_span hello, uint8_t *out)
{
    uint8_t inside[ROOM];
    struct wt_writer w = wt_writer_start(inside, sizeof inside);
    write_ack(&w, 0);
    write_crypto(&w, 0, hello);
    return seal(g, SERVER, WT_QUIC_INITIAL, frames_written(&w, 0), out);
}

/* What follows the server's hello in its datagram is a Handshake packet in form alone. */
static void hellos(struct generator *g, bool open)
{
    uint8_t hello[ROOM], packet[ROOM];
    begin(g);
    first_initial(g, wt_span_of(hello, client_hello(g, false, hello)));
    if (open)
        return;
    size_t n = server_initial(g, wt_span_of(hello, server_hello(g, false, hello)), packet);
    uint8_t *at = put_u32(put_u8(packet + n, 0xe0 | (random_next(&g->random) & 15)), VERSION);
    at = put_bytes(put_u8(put_bytes(put_u8(at, CID), g->cid[CLIENT], CID), CID), g->cid[SERVER], CID);
    uint8_t *const length = at;
    at = put_random(length + 2, &g->random, (size_t)(packet + DATAGRAM - length - 2));
    put_u16(length, 0x4000 | (size_t)(at - length - 2));
    put_datagram(g, SERVER, packet, DATAGRAM);
}

static void log_secret(struct generator *g, const char *label, const uint8_t *secret)
{
    fprintf(g->keys, "%s ", label);
    for (size_t i = 0; i < 32; i++)
        fprintf(g->keys, "%02x", g->client_random[i]);
    fputc(' ', g->keys);
    for (size_t i = 0; i < HASH; i++)
        fprintf(g->keys, "%02x", secret[i]);
    fputc('\n', g->keys);
}

static void branch(struct generator *g, enum wt_branch which, const uint8_t *trunk, int side, const char *label)
{
    uint8_t so_far[WT_DIGEST_MOST];
    const size_t n = wt_hash_peek(g->transcript, so_far);
    must(wt_branch_secret(&g->schedule, which, trunk, wt_span_of(so_far, n), g->secrets[side]), label);
    log_secret(g, label, g->secrets[side]);
}

static struct wt_span hashed(struct generator *g, const uint8_t *message, size_t n)
{
    wt_hash_add(g->transcript, wt_span_of(message, n));
    return wt_span_of(message, n);
}

/* To both Finished and 1-RTT keys. */
static void handshake(struct generator *g)
{
    uint8_t message[ROOM], packet[ROOM], inside[ROOM], psk[HASH], shared[HASH], trunk[3][HASH], client[HASH];
    must((g->transcript = wt_hash_new(g->crypto, WT_HASH_SHA256)) != NULL, "transcript");
    put_random(psk, &g->random, HASH);
    put_random(shared, &g->random, HASH);
    must(wt_early_secret(&g->schedule, wt_span_of(psk, HASH), trunk[0]) &&
             wt_handshake_secret(&g->schedule, trunk[0], wt_span_of(shared, HASH), trunk[1]) &&
             wt_master_secret13(&g->schedule, trunk[1], trunk[2]),
         "secrets");
    begin(g);
    first_initial(g, hashed(g, message, client_hello(g, true, message)));
    size_t n = server_initial(g, hashed(g, message, server_hello(g, true, message)), packet);
    branch(g, WT_BRANCH_CLIENT_HANDSHAKE, trunk[1], CLIENT, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
    branch(g, WT_BRANCH_SERVER_HANDSHAKE, trunk[1], SERVER, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
    memcpy(client, g->secrets[CLIENT], HASH);
    side_start(g, &g->sides[CLIENT], g->secrets[CLIENT]);
    side_start(g, &g->sides[SERVER], g->secrets[SERVER]);
    const size_t extensions = encrypted_extensions(g, message);
    hashed(g, message, extensions);
    const size_t all = extensions + finished(g, g->secrets[SERVER], message + extensions);
    hashed(g, message + extensions, all - extensions);
    struct wt_writer w = wt_writer_start(inside, sizeof inside);
    write_crypto(&w, 0, wt_span_of(message, all));
    n += seal(g, SERVER, WT_QUIC_HANDSHAKE, frames_written(&w, DATAGRAM - n - 44), packet + n);
    put_datagram(g, SERVER, packet, n);
    branch(g, WT_BRANCH_CLIENT_TRAFFIC, trunk[2], CLIENT, "CLIENT_TRAFFIC_SECRET_0");
    branch(g, WT_BRANCH_SERVER_TRAFFIC, trunk[2], SERVER, "SERVER_TRAFFIC_SECRET_0");
    w = wt_writer_start(inside, sizeof inside);
    write_ack(&w, 0);
    write_crypto(&w, 0, wt_span_of(message, finished(g, client, message)));
    put_datagram(g, CLIENT, packet, seal(g, CLIENT, WT_QUIC_HANDSHAKE, frames_written(&w, 0), packet));
    wt_hash_free(g->transcript);
    side_start(g, &g->sides[CLIENT], g->secrets[CLIENT]);
    side_start(g, &g->sides[SERVER], g->secrets[SERVER]);
}

/* One 1-RTT packet of what w has. */
static void put_1rtt(struct generator *g, int from, struct wt_writer *w)
{
    uint8_t packet[ROOM];
    put_datagram(g, from, packet, seal(g, from, WT_QUIC_1RTT, frames_written(w, 4), packet));
}

/* HTTP/3 (RFC 9114): SETTINGS on either side's control stream, GET / of www.example.com, and 200 with one DATA frame.
 */
static void download(struct generator *g, uint64_t bytes)
{
    static const uint8_t settings[] = {0, 4, 0}, request[] = "\x01\x16\0\0\xd1\xd7\xc1\x50\x0fwww.example.com";
    uint8_t inside[ROOM], data[STREAM_DATA], head[] = {1, 3, 0, 0, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    handshake(g);
    struct wt_writer w = wt_writer_start(inside, sizeof inside);
    write_stream(&w, 2, 0, false, wt_span_of(settings, sizeof settings));
    write_stream(&w, 0, 0, true, wt_span_of(request, sizeof request - 1));
    put_1rtt(g, CLIENT, &w);
    w = wt_writer_start(inside, sizeof inside);
    wt_quic_frame_write(&w, &(struct wt_quic_frame){.kind = WT_FRAME_HANDSHAKE_DONE, .type = 0x1e});
    write_ack(&w, 0);
    write_stream(&w, 3, 0, false, wt_span_of(settings, sizeof settings));
    put_u32(put_u32(head + 6, (uint32_t)(bytes >> 32) | 0xc0000000U), (uint32_t)bytes);
    write_stream(&w, 0, 0, bytes == 0, wt_span_of(head, sizeof head));
    put_1rtt(g, SERVER, &w);
    put_random(data, &g->random, sizeof data);
    uint64_t done = 0;
    for (unsigned i = 1; done < bytes; i++) {
        const size_t n = bytes - done < sizeof data ? (size_t)(bytes - done) : sizeof data;
        w = wt_writer_start(inside, sizeof inside);
        write_stream(&w, 0, sizeof head + done, done + n == bytes, wt_span_of(data, n));
        put_1rtt(g, SERVER, &w);
        done += n;
        if (i % ACK_EVERY == 0 || done == bytes) {
            w = wt_writer_start(inside, sizeof inside);
            write_ack(&w, g->sides[SERVER].number - 1);
            put_1rtt(g, CLIENT, &w);
        }
    }
    w = wt_writer_start(inside, sizeof inside);
    wt_quic_frame_write(&w,
                        &(struct wt_quic_frame){.kind = WT_FRAME_APPLICATION_CLOSE, .type = 0x1d, .error_code = 0x100});
    put_1rtt(g, CLIENT, &w);
}

static uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    const uint64_t value = strtoull(text, &end, 10);
    if (errno || !*text || *end) {
        fprintf(stderr, "datagrams: %s is no number\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"hellos", 1, NULL, 'h'}, {"open", 1, NULL, 'o'}, {"download", 1, NULL, 'd'}, {0}};
    static struct generator g;
    uint64_t count = 0;
    int what = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?')
            return 2;
        what = option;
        count = number(optarg);
    }
    const char *file = optind < argc ? argv[optind] : NULL;
    if (!what || argc > optind + 1 || (what == 'd' && !file)) {
        fputs("usage: datagrams --hellos N [FILE] | --open N [FILE] | --download BYTES FILE\n", stderr);
        return 2;
    }
    must((g.crypto = wt_crypto_new()) && wt_schedule_start(&g.schedule, g.crypto, WT_HASH_SHA256, 0x0304, NULL),
         "libcrypto");
    g.version = wt_quic_version_find(VERSION);
    g.random = 1, g.clock_us = START_US;
    must((g.fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : STDOUT_FILENO) >= 0, file);
    put_global(&g);
    if (what == 'd') {
        char name[4096];
        snprintf(name, sizeof name, "%s.keys", file);
        must((g.keys = fopen(name, "w")) != NULL, name);
        download(&g, count);
        must(fclose(g.keys) == 0, name);
    }
    for (; what != 'd' && g.connection < count; g.connection++)
        hellos(&g, what == 'o');
    flush(&g);
    must(!file || close(g.fd) == 0, file);
    for (int side = 0; side < 2; side++)
        side_end(&g.sides[side]);
    wt_crypto_free(g.crypto);
    return 0;
}
