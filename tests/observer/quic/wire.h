/* QUIC connections made packet by packet, sealed by our own functions, told to an observer as datagrams of IPv4. */
#ifndef WT_TESTS_OBSERVER_QUIC_WIRE_H
#define WT_TESTS_OBSERVER_QUIC_WIRE_H

#include "base/writer.h"
#include "codec/frame/frame.h"
#include "codec/quic.h"
#include "crypto/hash.h"
#include "observer/quic/ids.h"
#include "observer/quic/ledger.h"
#include "observer/quic/opener.h"
#include "observer/state.h"
#include "protect/quic.h"
#include "wiretale/observer.h"
#include "wiretale/quic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RAW = 101, HEADS = 28, ROOM = 65536, SECRET = 32, V1 = 0x00000001, V2 = 0x6b3343cf };

/* What the test hears of a connection, copied out of its story. */
struct told {
    unsigned count;
    uint8_t state, protocol;
    char sni[64], alpn[16], ja4[40];
    uint32_t version, client_port;
    struct wt_proof_verdict retry_tag, ids;
    bool retry, early_data;
    uint64_t packets[2], opened[2], stream_bytes[2], offloaded, listed;
    uint32_t key_updates[2], reset_frame;
    size_t paths, closes, messages, tried, offered;
    uint64_t close_code;
    char close_name[32];
    uint8_t levels[32], types[32];
    char findings[512];
    bool probable;    /* one of them */
    char steps[2048]; /* of the derivation, QUIC's own: "side id, " */
};

static struct wt_observer *o;
static struct wt_keys *keys;
static struct told told;
static uint32_t frame;
static int64_t now;
static uint8_t random_of_client[32];

/* One side's ids, and the connection as the test makes it. */
struct end {
    uint8_t id[WT_QUIC_CID_MOST];
    size_t id_length;
    uint64_t number[3];
    uint32_t address; /* the last number of its IPv4 address, and its port */
    uint16_t port;
};

static struct end ends[2];
static uint8_t first_id[WT_QUIC_CID_MOST];
static size_t first_id_length;
static uint32_t version;
static size_t stand_in; /* whose keys packets of a reserved version have */
static uint8_t secrets[WT_LEVEL_COUNT][2][SECRET];
static bool phases[2];
enum { SAID_CLIENT_HELLO, SAID_SERVER_HELLO, SAID_FLIGHT, SAIDS };
static struct {
    uint8_t p[8192];
    size_t n;
} said[SAIDS]; /* what a Finished is of: the newest of each */
static const char *server_name = "example.org";
static void (*instead)(const struct wt_packet *); /* who takes the packets in the observer's place */
static uint8_t more_extensions[256];              /* of the ClientHello: behind the others */
static size_t more_extensions_length;
static bool keep_secrets;

static inline uint64_t sum(const struct wt_quic_counts *counts)
{
    uint64_t n = 0;
    for (size_t i = 0; i < counts->count; i++)
        n += counts->items[i].count;
    return n;
}

static inline void copy_text(char *out, size_t size, struct wt_span text)
{
    const size_t n = text.n < size - 1 ? text.n : size - 1;
    memcpy(out, text.p, n);
    out[n] = 0;
}

static inline void hear(void *context, const struct wt_connection *c)
{
    (void)context;
    const unsigned count = told.count + 1;
    told = (struct told){count, c->state, c->protocol, .client_port = c->client.port};
    if (c->sni.n)
        copy_text(told.sni, sizeof told.sni, c->sni);
    if (c->alpn.n)
        copy_text(told.alpn, sizeof told.alpn, c->alpn);
    if (c->ja4)
        copy_text(told.ja4, sizeof told.ja4, wt_span_text(c->ja4));
    for (size_t i = 0; i < c->message_count && i < 32; i++) {
        told.levels[i] = c->messages[i].level;
        told.types[i] = c->messages[i].type;
    }
    told.messages = c->message_count;
    for (size_t i = 0; i < c->finding_count; i++) {
        strncat(told.findings, c->findings[i].id, sizeof told.findings - strlen(told.findings) - 2);
        strcat(told.findings, " ");
        told.probable |= c->findings[i].probable;
    }
    for (size_t i = 0; i < c->derivation_count; i++) {
        const size_t n = strlen(told.steps);
        if (strstr(c->derivation[i].step.id, "quic") || strstr(c->derivation[i].step.id, "initial"))
            (void)snprintf(told.steps + n, sizeof told.steps - n, "%u %s, ", c->derivation[i].side,
                           c->derivation[i].step.id);
    }
    const struct wt_quic_story *q = c->quic;
    if (!q)
        return;
    told.version = q->version;
    told.retry = q->retry;
    told.retry_tag = q->retry_tag;
    told.ids = q->ids;
    told.early_data = q->early_data;
    told.offloaded = q->offloaded;
    told.listed = q->packet_list_count;
    told.reset_frame = q->reset_frame;
    told.paths = q->path_count;
    told.closes = q->close_count;
    told.close_code = q->close_count ? q->closes[0].code : 0;
    if (q->close_count && q->closes[0].name)
        copy_text(told.close_name, sizeof told.close_name, wt_span_text(q->closes[0].name));
    told.tried = q->versions_tried_count;
    told.offered = q->versions_offered_count;
    for (unsigned side = 0; side < 2; side++) {
        told.packets[side] = sum(&q->packets[side]);
        told.opened[side] = sum(&q->opened[side]);
        told.stream_bytes[side] = q->stream_bytes[side];
        told.key_updates[side] = q->key_updates[side];
    }
}

/* --- before and after --------------------------------------------------------------------------------------------- */

static inline void log_line(char *text, const char *label, const uint8_t *secret)
{
    char *at = text + strlen(text);
    at += sprintf(at, "%s ", label);
    for (unsigned i = 0; i < 32; i++)
        at += sprintf(at, "%02x", random_of_client[i]);
    *at++ = ' ';
    for (unsigned i = 0; i < SECRET; i++)
        at += sprintf(at, "%02x", secret[i]);
    strcpy(at, "\n");
}

static inline void make_keys(void)
{
    char text[1024] = "";
    log_line(text, "CLIENT_EARLY_TRAFFIC_SECRET", secrets[WT_LEVEL_0RTT][WT_CLIENT]);
    log_line(text, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", secrets[WT_LEVEL_HANDSHAKE][WT_CLIENT]);
    log_line(text, "SERVER_HANDSHAKE_TRAFFIC_SECRET", secrets[WT_LEVEL_HANDSHAKE][WT_SERVER]);
    /* as older stacks write it */
    log_line(text, "QUIC_CLIENT_TRAFFIC_SECRET_0", secrets[WT_LEVEL_1RTT][WT_CLIENT]);
    log_line(text, "QUIC_SERVER_TRAFFIC_SECRET_0", secrets[WT_LEVEL_1RTT][WT_SERVER]);
    keys = wt_keys_new(NULL, NULL);
    struct wt_keys_log *log = wt_keys_log_open(keys, "keys", false);
    wt_keys_log_feed(log, text, strlen(text));
    wt_keys_log_close(log);
}

static inline void begin_ends(void)
{
    frame = 0;
    more_extensions_length = 0;
    now = 1700000000000000000;
    version = V1;
    memset(ends, 0, sizeof ends);
    memset(phases, 0, sizeof phases);
    for (unsigned side = 0; side < 2; side++) {
        ends[side].id_length = 8;
        memset(ends[side].id, 0xc1 + (int)side, sizeof ends[side].id);
        ends[side].address = side + 1;
        ends[side].port = side == WT_CLIENT ? 50000 : 443;
    }
    first_id_length = 8;
    memset(first_id, 0xd1, sizeof first_id);
    for (unsigned i = 0; i < 32; i++)
        random_of_client[i] = (uint8_t)(i + 1);
    for (unsigned level = 0; level < WT_LEVEL_COUNT; level++)
        for (unsigned side = 0; side < 2; side++)
            memset(secrets[level][side], (int)(16 * level + side + 1), SECRET);
}

static inline void observe(bool with_keys)
{
    begin_ends();
    told = (struct told){0};
    keys = NULL;
    if (with_keys)
        make_keys();
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = hear,
                                                .keep_messages = true,
                                                .keep_secrets = keep_secrets,
                                                .keys = keys,
                                                .max_memory = (uint64_t)1 << 31};
    o = wt_observer_new(&options, NULL);
    assert_non_null(o);
    wt_observer_file(o, "capture");
}

static inline int start(void **state)
{
    (void)state;
    observe(true);
    return 0;
}

static inline int start_without_keys(void **state)
{
    (void)state;
    observe(false);
    return 0;
}

static inline int stop(void **state)
{
    (void)state;
    wt_observer_free(o);
    wt_keys_free(keys);
    return 0;
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static inline void send_as(unsigned from, const uint8_t *payload, size_t n, size_t captured)
{
    static uint8_t packet[HEADS + ROOM];
    const struct end *a = &ends[from], *b = &ends[!from];
    struct wt_writer w = wt_writer_start(packet, sizeof packet);
    wt_write_u16(&w, 0x4500);
    wt_write_u16(&w, (uint16_t)(HEADS + n));
    wt_write_u32(&w, 0);
    wt_write_u32(&w, 0x40110000);
    wt_write_u32(&w, 0xc0000200 + a->address);
    wt_write_u32(&w, 0xc0000200 + b->address);
    wt_write_u16(&w, a->port);
    wt_write_u16(&w, b->port);
    wt_write_u16(&w, (uint16_t)(8 + n));
    wt_write_u16(&w, 0);
    wt_write_bytes(&w, wt_span_of(payload, n));
    now += 1000000;
    const struct wt_packet p = {.frame = ++frame,
                                .link = RAW,
                                .time = {now, 9},
                                .data = packet,
                                .length = (uint32_t)(HEADS + captured),
                                .original = (uint32_t)(HEADS + n)};
    if (instead)
        instead(&p);
    else
        wt_observer_packet(o, &p);
}

static inline void send_datagram(unsigned from, const uint8_t *payload, size_t n)
{
    send_as(from, payload, n, n);
}

static inline const struct wt_quic_version *row_of_packets(void)
{
    return wt_quic_version_is_reserved(version) ? wt_quic_version_stand_in(stand_in) : wt_quic_version_find(version);
}

static inline struct wt_span initial_secret(unsigned from, uint8_t room[2][WT_DIGEST_MOST])
{
    struct wt_schedule s;
    assert_true(wt_schedule_start(&s, o->crypto, WT_HASH_SHA256, WT_TLS13, NULL));
    assert_true(wt_quic_initial_secrets(&s, row_of_packets(), wt_span_of(first_id, first_id_length), room[WT_CLIENT],
                                        room[WT_SERVER]));
    return wt_span_of(room[from], SECRET);
}

/* Packet protection under the secret after so many key updates, header protection under the first. */
static inline void sealers(struct wt_span secret, unsigned updates, struct wt_protector **p, struct wt_mask **mask)
{
    const struct wt_suite *suite = wt_suite_find(0x1301);
    const struct wt_quic_version *row = row_of_packets();
    struct wt_schedule s;
    struct wt_quic_keys k;
    uint8_t newest[WT_DIGEST_MOST];
    assert_true(wt_schedule_start(&s, o->crypto, WT_HASH_SHA256, WT_TLS13, NULL));
    assert_true(wt_quic_keys_of(&s, row, secret, 16, &k));
    *mask = wt_mask_new(o->crypto, WT_CIPHER_AES_128_GCM, wt_span_of(k.hp, 16));
    memcpy(newest, secret.p, secret.n);
    for (unsigned i = 0; i < updates; i++)
        assert_true(wt_quic_update(&s, row, newest));
    assert_true(wt_quic_keys_of(&s, row, wt_span_of(newest, SECRET), 16, &k));
    *p = wt_quic_protector_new(o->crypto, suite, wt_span_of(k.key, 16), wt_span_of(k.iv, WT_QUIC_IV), true, NULL);
    assert_non_null(*p);
    assert_non_null(*mask);
}

/* A packet that can be changed before it is sealed: all zero is the next of the connection in order. */
struct how {
    const uint8_t *to; /* Destination Connection ID; NULL: the other side's */
    size_t to_length;
    struct wt_span token;
    unsigned updates;
    uint64_t number; /* with has_number */
    bool has_number;
    bool ungreased; /* the Fixed Bit is 0 */
    bool one_byte;  /* for the packet number */
};

static inline size_t seal(uint8_t *out, unsigned from, enum wt_quic_packet type, const struct how *how,
                          struct wt_span frames)
{
    static const enum wt_quic_level levels[] = {[WT_QUIC_INITIAL] = WT_LEVEL_INITIAL,
                                                [WT_QUIC_0RTT] = WT_LEVEL_0RTT,
                                                [WT_QUIC_HANDSHAKE] = WT_LEVEL_HANDSHAKE,
                                                [WT_QUIC_1RTT] = WT_LEVEL_1RTT};
    const struct wt_quic_version *row = row_of_packets();
    const unsigned space = type == WT_QUIC_INITIAL ? 0 : type == WT_QUIC_HANDSHAKE ? 1 : 2;
    const uint64_t number = how->has_number ? how->number : ends[from].number[space]++;
    uint8_t room[2][WT_DIGEST_MOST], header[512], padded[4] = {0};
    const bool initial = type == WT_QUIC_INITIAL;
    struct wt_protector *p;
    struct wt_mask *mask;
    sealers(initial ? initial_secret(from, room) : wt_span_of(secrets[levels[type]][from], SECRET), how->updates, &p,
            &mask);
    const unsigned first = (how->ungreased ? 0 : WT_QUIC_FIXED) | !how->one_byte;
    const unsigned phase = how->updates & 1 ? WT_QUIC_KEY_PHASE : 0;
    const struct wt_quic_header h = {
        .packet = type,
        .first = (uint8_t)(first | (type == WT_QUIC_1RTT ? phase : WT_QUIC_LONG | wt_quic_long_bits(row, type) << 4)),
        .version = version,
        .dcid = how->to ? wt_span_of(how->to, how->to_length) : wt_span_of(ends[!from].id, ends[!from].id_length),
        .scid = wt_span_of(ends[from].id, ends[from].id_length),
        .token = how->token};
    if (frames.n < sizeof padded) {
        memcpy(padded, frames.p, frames.n);
        frames = wt_span_of(padded, sizeof padded);
    }
    struct wt_writer w = wt_writer_start(header, sizeof header);
    wt_quic_header_write(&w, &h, number, frames.n + WT_QUIC_TAG);
    const size_t n = wt_quic_seal(p, mask, wt_span_of(header, w.n), 2 - how->one_byte, number, frames, out);
    assert_true(n > 0);
    wt_protector_free(p);
    wt_mask_free(mask);
    return n;
}

static inline void send_sealed(unsigned from, enum wt_quic_packet type, const struct how *how, struct wt_span frames)
{
    static uint8_t out[ROOM];
    send_datagram(from, out, seal(out, from, type, how, frames));
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static inline void say(unsigned which, const uint8_t *p, size_t n)
{
    assert_true(n <= sizeof said[which].p);
    memcpy(said[which].p, p, n);
    said[which].n = n;
}

/* RFC 8446, 4.4.4, over all that was said; `n` bytes of the flight. */
static inline void put_finished(struct wt_writer *w, unsigned from, size_t n)
{
    uint8_t digest[WT_DIGEST_MOST], verify[WT_DIGEST_MOST];
    struct wt_schedule s;
    struct wt_hash *hash = wt_hash_new(o->crypto, WT_HASH_SHA256);
    assert_non_null(hash);
    wt_hash_add(hash, wt_span_of(said[SAID_CLIENT_HELLO].p, said[SAID_CLIENT_HELLO].n));
    wt_hash_add(hash, wt_span_of(said[SAID_SERVER_HELLO].p, said[SAID_SERVER_HELLO].n));
    wt_hash_add(hash, wt_span_of(said[SAID_FLIGHT].p, n));
    (void)wt_hash_end(hash, digest);
    wt_hash_free(hash);
    assert_true(wt_schedule_start(&s, o->crypto, WT_HASH_SHA256, WT_TLS13, NULL));
    assert_true(wt_verify_data13(&s, wt_span_of(secrets[WT_LEVEL_HANDSHAKE][from], SECRET), wt_span_of(digest, SECRET),
                                 verify));
    wt_write_u8(w, WT_HANDSHAKE_FINISHED);
    wt_write_u24(w, SECRET);
    wt_write_bytes(w, wt_span_of(verify, SECRET));
}

static inline void put_extension(struct wt_writer *w, uint16_t id, const void *body, size_t n)
{
    wt_write_u16(w, id);
    wt_write_opaque(w, wt_span_of(body, n), 2, 0, 65535, "extension");
}

static inline void put_parameter(struct wt_writer *w, uint64_t id, struct wt_span value)
{
    wt_write_varint(w, id);
    wt_write_varint(w, value.n);
    wt_write_bytes(w, value);
}

/* RFC 9000, 18.2, by number; `retry`: NULL for none. */
struct parameters {
    struct wt_span original, source, retry;
    bool no_source;
};

static inline size_t put_parameters(uint8_t *out, size_t size, const struct parameters *p)
{
    const uint8_t idle[2] = {0x40 | 3, 0xe8}, token[16] = {0x77};
    struct wt_writer w = wt_writer_start(out, size);
    if (p->original.n) {
        put_parameter(&w, 0x00, p->original);
        put_parameter(&w, 0x02, wt_span_of(token, sizeof token));
    }
    put_parameter(&w, 0x01, wt_span_of(idle, 2));
    if (!p->no_source)
        put_parameter(&w, 0x0f, p->source);
    if (p->retry.n)
        put_parameter(&w, 0x10, p->retry);
    return w.n;
}

static inline size_t client_hello(uint8_t *out, size_t size, uint8_t variant)
{
    const uint8_t share[38] = {0, 36, 0, 0x1d, 0, 32, variant};
    uint8_t parameters[128];
    const struct parameters own = {.source = wt_span_of(ends[WT_CLIENT].id, ends[WT_CLIENT].id_length)};
    struct wt_writer w = wt_writer_start(out, size);
    wt_write_u8(&w, WT_HANDSHAKE_CLIENT_HELLO);
    const size_t body = wt_write_open(&w, 3);
    wt_write_u16(&w, 0x0303);
    wt_write_bytes(&w, wt_span_of(random_of_client, 32));
    wt_write_u8(&w, 0);
    wt_write_u16(&w, 2);
    wt_write_u16(&w, 0x1301);
    wt_write_u16(&w, 0x0100);
    const size_t list = wt_write_open(&w, 2);
    wt_write_u16(&w, WT_EXT_SERVER_NAME);
    const size_t names[2] = {wt_write_open(&w, 2), wt_write_open(&w, 2)};
    wt_write_u8(&w, 0);
    wt_write_opaque(&w, wt_span_text(server_name), 2, 0, 65535, "host_name");
    wt_write_close(&w, names[1], 2, 0, 65535, "server_name_list");
    wt_write_close(&w, names[0], 2, 0, 65535, "extension");
    put_extension(&w, WT_EXT_SUPPORTED_GROUPS, "\0\2\0\35", 4);
    put_extension(&w, WT_EXT_SIGNATURE_ALGORITHMS, "\0\2\4\3", 4);
    put_extension(&w, WT_EXT_ALPN, "\0\3\2h3", 5);
    put_extension(&w, WT_EXT_SUPPORTED_VERSIONS, "\2\3\4", 3);
    put_extension(&w, WT_EXT_KEY_SHARE, share, sizeof share);
    put_extension(&w, WT_EXT_QUIC_TRANSPORT_PARAMETERS, parameters,
                  put_parameters(parameters, sizeof parameters, &own));
    wt_write_bytes(&w, wt_span_of(more_extensions, more_extensions_length));
    wt_write_close(&w, list, 2, 0, 65535, "extensions");
    wt_write_close(&w, body, 3, 0, 0xffffff, "body");
    say(SAID_CLIENT_HELLO, out, w.n);
    return w.n;
}

static inline size_t server_hello(uint8_t *out, size_t size)
{
    const uint8_t share[36] = {0, 0x1d, 0, 32, 9};
    uint8_t random[32];
    struct wt_writer w = wt_writer_start(out, size);
    memset(random, 0x5e, sizeof random);
    wt_write_u8(&w, WT_HANDSHAKE_SERVER_HELLO);
    const size_t body = wt_write_open(&w, 3);
    wt_write_u16(&w, 0x0303);
    wt_write_bytes(&w, wt_span_of(random, 32));
    wt_write_u8(&w, 0);
    wt_write_u16(&w, 0x1301);
    wt_write_u8(&w, 0);
    const size_t list = wt_write_open(&w, 2);
    put_extension(&w, WT_EXT_SUPPORTED_VERSIONS, "\3\4", 2);
    put_extension(&w, WT_EXT_KEY_SHARE, share, sizeof share);
    wt_write_close(&w, list, 2, 0, 65535, "extensions");
    wt_write_close(&w, body, 3, 0, 0xffffff, "body");
    say(SAID_SERVER_HELLO, out, w.n);
    return w.n;
}

/* EncryptedExtensions and a Finished. */
static inline size_t server_flight(uint8_t *out, size_t size, const struct parameters *p)
{
    uint8_t parameters[192];
    struct wt_writer w = wt_writer_start(out, size);
    wt_write_u8(&w, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS);
    const size_t body = wt_write_open(&w, 3);
    const size_t list = wt_write_open(&w, 2);
    put_extension(&w, WT_EXT_ALPN, "\0\3\2h3", 5);
    put_extension(&w, WT_EXT_QUIC_TRANSPORT_PARAMETERS, parameters, put_parameters(parameters, sizeof parameters, p));
    wt_write_close(&w, list, 2, 0, 65535, "extensions");
    wt_write_close(&w, body, 3, 0, 0xffffff, "body");
    say(SAID_FLIGHT, out, w.n);
    put_finished(&w, WT_SERVER, w.n);
    say(SAID_FLIGHT, out, w.n);
    return w.n;
}

static inline size_t put_crypto(uint8_t *out, size_t size, uint64_t offset, struct wt_span data)
{
    const struct wt_quic_frame f = {.kind = WT_FRAME_CRYPTO, .type = 0x06, .offset = offset, .data = data};
    struct wt_writer w = wt_writer_start(out, size);
    wt_quic_frame_write(&w, &f);
    return w.n;
}

static inline void send_crypto(unsigned from, enum wt_quic_packet type, const struct how *how, uint64_t offset,
                               struct wt_span data)
{
    static uint8_t frames[ROOM];
    send_sealed(from, type, how, wt_span_of(frames, put_crypto(frames, sizeof frames, offset, data)));
}

/* --- the usual beginning ------------------------------------------------------------------------------------------ */

static inline void say_client_hello(struct wt_span token, uint8_t variant)
{
    uint8_t hello[1024];
    const struct how how = {.to = first_id, .to_length = first_id_length, .token = token};
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, 0, wt_span_of(hello, client_hello(hello, sizeof hello, variant)));
}

static inline void answer(const struct parameters *p)
{
    uint8_t hello[1024];
    const struct how plain = {0};
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(hello, server_flight(hello, sizeof hello, p)));
}

static inline struct parameters right_parameters(void)
{
    return (struct parameters){.original = wt_span_of(first_id, first_id_length),
                               .source = wt_span_of(ends[WT_SERVER].id, ends[WT_SERVER].id_length)};
}

static inline void client_finishes(void)
{
    uint8_t finished[36];
    const struct how plain = {0};
    struct wt_writer w = wt_writer_start(finished, sizeof finished);
    put_finished(&w, WT_CLIENT, said[SAID_FLIGHT].n);
    send_crypto(WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(finished, w.n));
}

static inline void shake_hands(void)
{
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    client_finishes();
}

/* Version Negotiation (RFC 9000, 17.2.1), in answer to the client's first packet. */
static inline void send_negotiation(uint32_t offered)
{
    uint8_t packet[1 + 4 + 1 + 8 + 1 + 8 + 4] = {0x80, [5] = 8, [14] = 8};
    struct wt_writer w = wt_writer_start(packet + 23, 4);
    memcpy(packet + 6, ends[WT_CLIENT].id, 8);
    memcpy(packet + 15, first_id, 8);
    wt_write_u32(&w, offered);
    send_datagram(WT_SERVER, packet, sizeof packet);
}

static inline void send_frame(unsigned from, const struct how *how, const struct wt_quic_frame *f)
{
    static uint8_t frames[ROOM];
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    wt_quic_frame_write(&w, f);
    send_sealed(from, WT_QUIC_1RTT, how, wt_span_of(frames, w.n));
}

static inline void say_data(unsigned from, const struct how *how, uint64_t offset, size_t n)
{
    static uint8_t data[ROOM];
    const struct wt_quic_frame f = {
        .kind = WT_FRAME_STREAM, .type = 0x0e, .stream_id = 0, .offset = offset, .data = wt_span_of(data, n)};
    send_frame(from, how, &f);
}

/* The connection as the observer has it. */
static inline struct wt_quic *seen(void)
{
    struct wt_quic_id *id = wt_quic_ids_find(o, wt_span_of(first_id, first_id_length));
    assert_non_null(id);
    return id->quic;
}

static inline void finish(void)
{
    wt_observer_finish(o);
}

#endif
