#include "observer/quic/messages.h"

#include "base/memory.h"
#include "carriage/carriage.h"
#include "crypto/hash.h"
#include "observer/message/message.h"
#include "observer/quic/parameters.h"
#include "observer/quic/rules.h"
#include "observer/quic/standstill.h"
#include "observer/udp/connections.h"

#include <stdlib.h>

enum { TYPE_CRYPTO = 0x06 }; /* the frame's type */

void wt_quic_messages_free(struct wt_quic_crypto *crypto)
{
    if (!crypto)
        return;
    wt_pieces_clear(&crypto->pieces);
    wt_framing_clear(&crypto->framing);
    free(crypto);
}

size_t wt_quic_messages_bytes(const struct wt_quic_crypto *crypto)
{
    return crypto ? sizeof *crypto + crypto->pieces.held + crypto->pieces.cap * sizeof *crypto->pieces.early +
                        crypto->framing.held.cap
                  : 0;
}

/* The frame that is read. */
struct reading {
    struct wt_quic *q;
    struct wt_quic_crypto *crypto;
    const struct wt_quic_sent *p;
    uint32_t length; /* bytes of the frame */
};

/* RFC 9000, 17.2.5.3: after a Retry the client "MUST use the same cryptographic handshake message it included in this
 * packet": the same message is told once; another one is a finding, and is what the handshake goes on from. */
static bool is_repeated(struct wt_quic *q, uint8_t type, struct wt_span body)
{
    uint8_t digest[WT_DIGEST_MOST] = {0};
    if (type != WT_HANDSHAKE_CLIENT_HELLO || !(q->flags & (WT_QUIC_HELLO_AGAIN | WT_QUIC_HELLO_FIRST)))
        return false;
    struct wt_hash *hash = wt_hash_new(q->o->crypto, WT_HASH_SHA256);
    if (!hash)
        return false;
    wt_hash_add(hash, body);
    (void)wt_hash_end(hash, digest);
    wt_hash_free(hash);
    /* where the first one was not captured there is nothing to hold it against */
    const bool again = q->flags & WT_QUIC_HELLO_AGAIN && !(q->flags & WT_QUIC_HELLO_FIRST);
    const bool same = again && memcmp(digest, q->first_hello, sizeof q->first_hello) == 0;
    if (again && !same) {
        q->flags |= WT_QUIC_HELLO_CHANGED;
        q->changed_frame = q->o->frame;
        wt_quic_connection_restart(q, true);
    }
    q->flags &= ~(uint32_t)(WT_QUIC_HELLO_AGAIN | WT_QUIC_HELLO_FIRST);
    memcpy(q->first_hello, digest, sizeof q->first_hello);
    return same;
}

/* RFC 9001, 4.1.4: "Reordering or loss of packets can mean that QUIC will need to handle packets at multiple encryption
 * levels": an endpoint saves those of a level that TLS has not come to (4.1.3). Here keys are there at once. */
static void note_overtaking(struct wt_quic *q, const struct wt_quic_sent *p)
{
    const uint64_t finished = p->from == WT_CLIENT ? WT_FACT_CLIENT_FINISHED : WT_FACT_SERVER_FINISHED;
    if (p->type == WT_QUIC_1RTT && !wt_flow_has(&q->c->tls->flow, finished))
        q->flags |= WT_QUIC_OVERTAKEN;
}

bool wt_quic_messages_are_ordered(const struct wt_quic *q)
{
    return !(q->flags & (WT_QUIC_OVERTAKEN | WT_QUIC_ALIEN));
}

static void on_message(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    const struct reading *r = context;
    struct wt_quic *q = r->q;
    const enum wt_quic_level level = wt_quic_level_of(r->p->type);
    const struct wt_record as_record = {.type = WT_CONTENT_HANDSHAKE,
                                        .length = (uint16_t)(r->length < UINT16_MAX ? r->length : UINT16_MAX)};
    const struct wt_message_place place = {.record = &as_record, .records = records, .level = (uint8_t)level};
    const unsigned flags =
        WT_MESSAGE_LEVEL | (level == WT_LEVEL_INITIAL ? 0 : WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED);
    if (body.n == length && is_repeated(q, type, body))
        return;
    note_overtaking(q, r->p);
    wt_message_take(q->o, q->c, r->p->from, type, body, length, &place, flags);
    if (body.n == length) {
        wt_quic_parameters_message(q, r->p->from, type, body);
        wt_quic_rules_message(q, r->p, type, body);
    }
    if (type == WT_HANDSHAKE_FINISHED && r->p->from == WT_CLIENT && !q->finished_number)
        q->finished_number = r->p->number + 1;
    if (type == WT_HANDSHAKE_CLIENT_HELLO || type == WT_HANDSHAKE_SERVER_HELLO)
        q->flags |= WT_QUIC_KEYS_CHANGED;
}

static void on_bytes(void *context, uint64_t at, struct wt_span bytes)
{
    struct reading *r = context;
    (void)at;
    wt_framing_record(&r->crypto->framing);
    if (!wt_framing_feed(&r->crypto->framing, bytes, on_message, r) && !(r->q->flags & WT_QUIC_ALIEN)) {
        r->q->flags |= WT_QUIC_ALIEN;
        wt_quic_violation_note(r->q, r->p->from, WT_QUIC_CRYPTO_ERROR + WT_ALERT_UNEXPECTED_MESSAGE, TYPE_CRYPTO,
                               "RFC 9000, 19.6: \"The CRYPTO frame ... is used to transmit cryptographic handshake "
                               "messages.\"");
    }
}

static struct wt_quic_crypto *crypto_of(struct wt_quic_side *side, enum wt_quic_level level)
{
    if (!side->crypto[level])
        side->crypto[level] = wt_calloc(1, sizeof **side->crypto);
    return side->crypto[level];
}

/* RFC 9000, 7.5: "Implementations MUST support buffering at least 4096 bytes of data received in out-of-order CRYPTO
 * frames": we hold more. */
void wt_quic_messages_take(struct wt_quic *q, const struct wt_quic_sent *p, uint64_t offset, struct wt_span data)
{
    static const struct wt_pieces_limits limits = {WT_LIMIT_QUIC_CRYPTO_PIECES, WT_LIMIT_QUIC_CRYPTO_BYTES,
                                                   WT_LIMIT_QUIC_CRYPTO_AHEAD};
    struct wt_quic_crypto *crypto = crypto_of(&q->side[p->from], wt_quic_level_of(p->type));
    struct reading r = {q, crypto, p, (uint32_t)data.n};
    if (!crypto || data.n > WT_VARINT_MOST - offset)
        return;
    const uint64_t had = crypto->pieces.next, held = crypto->pieces.held;
    const enum wt_pieces_fed fed = wt_pieces_feed(&crypto->pieces, offset, data, &limits, on_bytes, &r);
    q->o->lost[WT_LOST_MESSAGES] += fed == WT_PIECES_FULL;
    q->o->lost[WT_LOST_MEMORY] += fed == WT_PIECES_MEMORY;
    if (crypto->pieces.next != had || crypto->pieces.held != held) {
        wt_udp_news(q->o, q->c, wt_tls_direction_of(q->c->tls, p->from));
        wt_quic_standstill_news(q);
    } else if (data.n) {
        wt_udp_again(q->c, wt_tls_direction_of(q->c->tls, p->from));
    }
}

void wt_quic_messages_complete(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    if (q->flags & WT_QUIC_TAKEN)
        return;
    q->flags |= WT_QUIC_TAKEN;
    for (unsigned side = 0; side < 2; side++)
        tls->side[side].flags |= WT_SIDE_FINISHED;
    wt_outcome_finished(q->o, q->c);
}

void wt_quic_messages_end(struct wt_quic *q)
{
    for (unsigned from = 0; from < 2; from++)
        for (unsigned level = 0; level < WT_LEVEL_COUNT; level++) {
            const struct wt_quic_crypto *crypto = q->side[from].crypto[level];
            if (crypto && crypto->pieces.count)
                q->c->tls->side[from].missing += crypto->pieces.early[0].at - crypto->pieces.next;
        }
}
