/* The observer of QUIC: whatever frames in packets that open, and whatever bytes in datagrams, in any order.
 *
 * Who fuzzes cannot seal: the harness does, under keys that it makes itself. The first byte has the options: bit 0
 * messages are kept, bit 1 there is a key log, for the client random 0, 1, 2, …, 31, bits 2 and 3 how long both sides'
 * ids are. Then come steps: a byte (bit 0:
 * the server sends; bit 1: from another port of the client's; bits 2 to 4: what follows is a datagram as it is, the
 * frames of an Initial, a Handshake, a 0-RTT or a 1-RTT packet, those of a 1-RTT packet after a key update, a packet to
 * be put behind the one before it in one datagram, or the datagram before once more, of which the capture lacks as many
 * bytes as follow; bit 5: version 2; bit 6: to the client's first id; bit 7: two seconds later), two bytes of length,
 * so many bytes. Held to, beyond what watch.h holds: what is told of packets adds up. */
#include "codec/quic.h"
#include "keys/quic.h"
#include "protect/quic.h"
#include "watch.h"
#include "wiretale/keys.h"
#include "wiretale/quic.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADS = 28, MOST = 4096, ROOM = 16384, MESSAGES = 1, KEYS = 2, ID = 8, SECRET = 32 };
enum kind { RAW, INITIAL, HANDSHAKE, EARLY, DATA, DATA_UPDATED, BEHIND, AGAIN };

struct stage {
    struct heard heard; /* first: watch.h's callbacks see this */
    struct wt_observer *observer;
    struct wt_crypto *crypto;
    uint64_t number[2];
    uint32_t frame;
    int64_t now;
    uint8_t room[ROOM]; /* the newest datagram */
    size_t n;
    const uint8_t *id_lengths; /* by side */
};

static uint64_t sum(const struct wt_quic_counts *counts)
{
    uint64_t n = 0;
    for (size_t i = 0; i < counts->count; i++)
        n += counts->items[i].count;
    return n;
}

static void on_quic(void *context, const struct wt_connection *c)
{
    on_connection(context, c);
    const struct wt_quic_story *q = c->quic;
    if (!q)
        return;
    uint64_t listed = q->packet_list_dropped;
    hold(c->protocol == WT_PROTOCOL_QUIC, "QUIC by another name");
    for (unsigned side = 0; side < 2; side++) {
        hold(sum(&q->opened[side]) <= sum(&q->packets[side]), "more packets opened than seen");
        listed += sum(&q->packets[side]);
    }
    hold(!c->message_count || !q->packet_list_count || q->packet_list_count + q->packet_list_dropped <= listed,
         "more packets listed than seen");
    for (size_t i = 1; i < q->packet_list_count; i++)
        hold(q->packet_list[i - 1].frame <= q->packet_list[i].frame, "packets that are not in their order");
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static void put(uint8_t *p, uint32_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static void send_datagram(struct stage *s, uint8_t how, size_t missing)
{
    static uint8_t p[HEADS + ROOM];
    const unsigned server = how & 1;
    const uint32_t port = how & 2 ? 50000 : 40000;
    if (!s->n)
        return;
    memset(p, 0, HEADS);
    p[0] = 0x45;
    put(p + 2, (uint32_t)(HEADS + s->n), 2);
    p[8] = 64;
    p[9] = 17;
    put(p + 12, 0xc0000201 + server, 4);
    put(p + 16, 0xc0000201 + !server, 4);
    put(p + 20, server ? 443 : port, 2);
    put(p + 22, server ? port : 443, 2);
    put(p + 24, (uint32_t)(8 + s->n), 2);
    memcpy(p + HEADS, s->room, s->n);
    s->now += 1000000 + (int64_t)(how >> 7) * 2000000000;
    const struct wt_packet one = {.frame = ++s->frame,
                                  .link = LINKTYPE_RAW,
                                  .time = {s->now, 6},
                                  .length = (uint32_t)(HEADS + (missing < s->n ? s->n - missing : 1)),
                                  .original = (uint32_t)(HEADS + s->n),
                                  .data = p};
    wt_observer_packet(s->observer, &one);
}

/* Ids are of one byte each, as often as it takes: the client's first 1, its own 2, the server's 3, or of one byte that
 * is the same. */
enum { FIRST = 1, OF_CLIENT = 2, OF_SERVER = 3 };

static struct wt_span id_of(const struct stage *s, uint8_t which, uint8_t room[ID])
{
    const size_t n = which == FIRST ? ID : s->id_lengths[which == OF_SERVER];
    memset(room, n == 1 ? OF_CLIENT : which, ID);
    return wt_span_of(room, n);
}

static void secret_of(const struct wt_schedule *s, const struct wt_quic_version *row, enum kind kind, unsigned from,
                      uint8_t out[WT_DIGEST_MOST])
{
    uint8_t both[2][WT_DIGEST_MOST], first[ID];
    memset(first, FIRST, sizeof first);
    memset(out, (int)(0x10 * (kind == DATA_UPDATED ? DATA : kind) + from), SECRET);
    if (kind == INITIAL && wt_quic_initial_secrets(s, row, wt_span_of(first, ID), both[0], both[1]))
        memcpy(out, both[from], SECRET);
}

/* A packet with those frames goes behind what the room has. */
static void seal(struct stage *s, enum kind kind, uint8_t how, struct wt_span frames)
{
    static const enum wt_quic_packet packets[] = {[INITIAL] = WT_QUIC_INITIAL,
                                                  [HANDSHAKE] = WT_QUIC_HANDSHAKE,
                                                  [EARLY] = WT_QUIC_0RTT,
                                                  [DATA] = WT_QUIC_1RTT,
                                                  [DATA_UPDATED] = WT_QUIC_1RTT};
    const struct wt_quic_version *row = wt_quic_version_find(how & 32 ? 0x6b3343cf : 1);
    const struct wt_suite *suite = wt_suite_find(0x1301);
    const unsigned from = how & 1;
    uint8_t secret[WT_DIGEST_MOST], to[ID], own[ID], header[128];
    struct wt_schedule schedule;
    struct wt_quic_keys keys, first;
    if (!wt_schedule_start(&schedule, s->crypto, WT_HASH_SHA256, WT_TLS13, NULL) || frames.n < 4)
        return;
    secret_of(&schedule, row, kind, from, secret);
    if (!wt_quic_keys_of(&schedule, row, wt_span_of(secret, SECRET), 16, &first) ||
        (kind == DATA_UPDATED && !wt_quic_update(&schedule, row, secret)) ||
        !wt_quic_keys_of(&schedule, row, wt_span_of(secret, SECRET), 16, &keys))
        return;
    struct wt_protector *p =
        wt_quic_protector_new(s->crypto, suite, wt_span_of(keys.key, 16), wt_span_of(keys.iv, WT_QUIC_IV), true, NULL);
    struct wt_mask *mask = wt_mask_new(s->crypto, WT_CIPHER_AES_128_GCM, wt_span_of(first.hp, 16));
    const uint8_t target = from ? OF_CLIENT : how & 64 ? FIRST : OF_SERVER;
    const bool is_long = packets[kind] != WT_QUIC_1RTT;
    const struct wt_quic_header h = {.packet = packets[kind],
                                     .first =
                                         (uint8_t)(is_long ? 0xc1 | wt_quic_long_bits(row, packets[kind]) << 4
                                                           : 0x41 | (kind == DATA_UPDATED ? WT_QUIC_KEY_PHASE : 0)),
                                     .version = row->number,
                                     .dcid = id_of(s, target, to),
                                     .scid = id_of(s, from ? OF_SERVER : OF_CLIENT, own)};
    struct wt_writer w = wt_writer_start(header, sizeof header);
    const uint64_t number = s->number[from]++;
    wt_quic_header_write(&w, &h, number, frames.n + WT_QUIC_TAG);
    if (p && mask && s->n + w.n + frames.n + WT_QUIC_TAG <= ROOM)
        s->n += wt_quic_seal(p, mask, wt_span_of(header, w.n), 2, number, frames, s->room + s->n);
    wt_protector_free(p);
    wt_mask_free(mask);
}

static void steps(struct stage *s, const uint8_t *data, size_t size)
{
    while (size >= 3) {
        const uint8_t how = data[0];
        const enum kind kind = (enum kind)(how >> 2 & 7);
        const size_t n = (size_t)data[1] << 8 | data[2];
        data += 3;
        size -= 3;
        const struct wt_span bytes = take(&data, &size, n < MOST ? n : MOST);
        if (kind == BEHIND) { /* what follows in the same datagram: a Handshake packet */
            seal(s, HANDSHAKE, how, bytes);
        } else if (kind == RAW) {
            memcpy(s->room, bytes.p, bytes.n);
            s->n = bytes.n;
        } else if (kind != AGAIN) {
            s->n = 0;
            seal(s, kind, how, bytes);
        }
        send_datagram(s, how, kind == AGAIN ? bytes.n : 0);
    }
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void log_line(char *text, const char *label, uint8_t fill)
{
    char *at = text + strlen(text);
    at += sprintf(at, "%s ", label);
    for (unsigned i = 0; i < 32; i++)
        at += sprintf(at, "%02x", i);
    *at++ = ' ';
    for (unsigned i = 0; i < SECRET; i++)
        at += sprintf(at, "%02x", fill);
    strcpy(at, "\n");
}

static struct wt_keys *make_keys(void)
{
    char text[1024] = "";
    log_line(text, "CLIENT_EARLY_TRAFFIC_SECRET", 0x10 * EARLY);
    log_line(text, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", 0x10 * HANDSHAKE);
    log_line(text, "SERVER_HANDSHAKE_TRAFFIC_SECRET", 0x10 * HANDSHAKE + 1);
    log_line(text, "CLIENT_TRAFFIC_SECRET_0", 0x10 * DATA);
    log_line(text, "SERVER_TRAFFIC_SECRET_0", 0x10 * DATA + 1);
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    struct wt_keys_log *log = keys ? wt_keys_log_open(keys, "keys", false) : NULL;
    if (log) {
        wt_keys_log_feed(log, text, strlen(text));
        wt_keys_log_close(log);
    }
    return keys;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t id_lengths[4][2] = {{ID, ID}, {1, 1}, {0, 1}, {0, 0}};
    static struct stage s;
    static struct wt_crypto *crypto;
    if (size < 4)
        return 0;
    if (!crypto)
        crypto = wt_crypto_new();
    s = (struct stage){.heard = {.last_stream = -1, .many_files = true},
                       .crypto = crypto,
                       .now = INT64_C(1700000000000000000),
                       .id_lengths = id_lengths[data[0] >> 2 & 3]};
    struct wt_keys *keys = data[0] & KEYS ? make_keys() : NULL;
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_quic,
                                                .context = &s,
                                                .keep_messages = data[0] & MESSAGES,
                                                .keys = keys,
                                                .max_memory = 1u << 26};
    s.observer = crypto ? wt_observer_new(&options, NULL) : NULL;
    if (s.observer) {
        wt_observer_file(s.observer, "capture");
        steps(&s, data + 1, size - 1);
        wt_observer_finish(s.observer);
    }
    wt_observer_free(s.observer);
    wt_keys_free(keys);
    return 0;
}
