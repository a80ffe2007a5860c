#include "observer/dtls/fragments.h"

#include "base/memory.h"
#include "base/span_hash.h"
#include "observer/dtls/learn.h"
#include "observer/dtls/repeats.h"
#include "observer/dtls/spots.h"
#include "observer/message/message.h"
#include "observer/message/order.h"

#include <stdlib.h>

/* --- the messages that wait --------------------------------------------------------------------------------------- */

static void clear(struct wt_dtls_way *way, struct wt_dtls_part *part)
{
    way->held -= part->body.n + part->pieces.held;
    wt_pieces_clear(&part->pieces);
    wt_dtls_spots_clear(&part->spots);
    wt_buffer_wipe(&part->body);
    *part = (struct wt_dtls_part){0};
}

void wt_dtls_fragments_free(struct wt_dtls_way *way)
{
    for (size_t i = 0; way->parts && i < WT_LIMIT_DTLS_AHEAD; i++)
        clear(way, &way->parts[i]);
    free(way->parts);
    way->parts = NULL;
}

size_t wt_dtls_fragments_bytes(const struct wt_dtls_way *way)
{
    size_t n = way->held + (way->parts ? WT_LIMIT_DTLS_AHEAD * sizeof *way->parts : 0);
    for (size_t i = 0; way->parts && i < WT_LIMIT_DTLS_AHEAD; i++)
        n += way->parts[i].spots.cap * sizeof *way->parts[i].spots.list;
    return n;
}

static struct wt_dtls_part *find(const struct wt_dtls_way *way, uint32_t message_seq)
{
    struct wt_dtls_part *part = way->parts ? &way->parts[message_seq % WT_LIMIT_DTLS_AHEAD] : NULL;
    return part && part->used && part->message_seq == message_seq ? part : NULL;
}

static struct wt_dtls_part *begin(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_way *way = r->way;
    if (!way->parts)
        way->parts = wt_calloc(WT_LIMIT_DTLS_AHEAD, sizeof *way->parts);
    if (!way->parts)
        return NULL;
    struct wt_dtls_part *part = &way->parts[f->message_seq % WT_LIMIT_DTLS_AHEAD];
    if (part->used)
        clear(way, part);
    *part = (struct wt_dtls_part){
        .used = true, .type = f->type, .length = f->length, .message_seq = f->message_seq, .epoch = r->epoch};
    return part;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

/* What is told of: a message that is whole. */
struct telling {
    const struct wt_record *record;
    const struct wt_dtls_spots *spots;
    struct wt_span body;
    uint64_t epoch;
    uint32_t length, flags;
    uint16_t message_seq, records;
    uint8_t type;
};

/* RFC 6347, 4.1: a message under the next epoch's keys comes after the ChangeCipherSpec that starts them, which may
 * have been lost, or overtaken. `known`: that all before it was told; else, as it has no message_seq, messages before
 * it may still come. */
static void step_change(struct wt_observer *o, struct wt_conversation *c, struct wt_dtls_way *way, unsigned from,
                        bool known)
{
    struct wt_tls *tls = c->tls;
    if (way->ccs || wt_tls_is_13(tls) || !tls->agreed.version)
        return;
    way->ccs = true;
    if (known || wt_flow_is_expected(&tls->flow, from, WT_FLOW_CCS))
        (void)wt_order_step(o, c, from, WT_FLOW_CCS, 0);
    else
        (void)wt_flow_step(&tls->flow, from, WT_FLOW_CCS, 0, WT_FLOW_LENIENT, NULL);
}

static void tell(struct wt_observer *o, struct wt_conversation *c, unsigned direction, const struct telling *t)
{
    struct wt_dtls *dtls = c->tls->dtls;
    struct wt_dtls_way *way = &dtls->way[direction];
    const unsigned from = wt_tls_side_of(c->tls, direction);
    const struct wt_message_place place = {t->record, t->records};
    if (t->epoch > way->base)
        step_change(o, c, way, from, true);
    else if (way->ccs)
        dtls->unordered = true;
    way->told[t->message_seq % WT_DTLS_REMEMBERED] = (struct wt_dtls_told){.used = true,
                                                                           .type = t->type,
                                                                           .epoch = t->epoch,
                                                                           .length = t->length,
                                                                           .message_seq = t->message_seq,
                                                                           .hash = wt_span_hash(t->body)};
    way->message_seq = t->message_seq + 1u;
    way->numbered = true;
    dtls->told++;
    dtls->telling =
        (struct wt_dtls_telling){.spots = t->spots, .epoch = t->epoch, .message_seq = t->message_seq, .message = true};
    c->tls->pace.last_from = (uint8_t)from;
    wt_dtls_learn_before(c, t->type, t->body);
    wt_message_take(o, c, from, t->type, t->body, t->length, &place, t->flags);
    wt_dtls_learn(o, c, direction, t->type, t->body);
    dtls->telling = (struct wt_dtls_telling){.epoch = t->epoch};
}

/* It has waited: told as of the packet that made it whole. */
static void tell_part(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_dtls_part *part)
{
    const uint32_t frame = o->frame;
    const struct wt_time now = o->now;
    const struct telling t = {.record = &part->record,
                              .spots = &part->spots,
                              .body = wt_buffer_span(&part->body),
                              .epoch = part->epoch,
                              .length = part->length,
                              .flags = part->flags,
                              .message_seq = part->message_seq,
                              .records = part->records,
                              .type = part->type};
    c->tls->out_of_order |= frame != part->frame;
    o->frame = part->frame;
    o->now = part->time;
    tell(o, c, direction, &t);
    o->frame = frame;
    o->now = now;
    clear(&c->tls->dtls->way[direction], part);
}

/* Hellos answer each other (RFC 6347, 4.2.1, figure): a server's of some number comes after the ClientHello of that
 * number, and a ClientHello with a cookie after what asked for it. Datagrams of the two sides may overtake each other
 * on their way to the capture. */
static bool answers_later(const struct wt_dtls *dtls, unsigned direction, uint8_t type, uint32_t message_seq,
                          uint64_t epoch)
{
    const struct wt_dtls_way *other = &dtls->way[!direction];
    if (dtls->giving_up || epoch || other->base)
        return false;
    if (type == WT_HANDSHAKE_CLIENT_HELLO)
        return message_seq && (!other->numbered || other->message_seq < message_seq);
    /* the capture may have the server alone: then it is not waited for, unless the client is asked to go on */
    if (type == WT_HANDSHAKE_HELLO_VERIFY_REQUEST || (type == WT_HANDSHAKE_SERVER_HELLO && other->record.number))
        return !other->numbered || other->message_seq <= message_seq;
    return false;
}

static bool tell_next(struct wt_observer *o, struct wt_conversation *c, unsigned direction)
{
    const struct wt_dtls *dtls = c->tls->dtls;
    const struct wt_dtls_way *way = &dtls->way[direction];
    struct wt_dtls_part *part = way->numbered ? find(way, way->message_seq) : NULL;
    if (!part || !part->whole || answers_later(dtls, direction, part->type, part->message_seq, part->epoch))
        return false;
    tell_part(o, c, direction, part);
    return true;
}

static void tell_ready(struct wt_observer *o, struct wt_conversation *c)
{
    while (tell_next(o, c, 0) || tell_next(o, c, 1)) {
    }
}

/* What is missing is missing from what the proofs cover, too. */
static void lacks(struct wt_conversation *c)
{
    c->tls->dtls->lacking = true;
    if (c->tls->handshake)
        c->tls->handshake->common.messages.broken = true;
}

/* The waiting message with the smallest number. */
static struct wt_dtls_part *first(const struct wt_dtls_way *way)
{
    struct wt_dtls_part *best = NULL;
    for (size_t i = 0; way->parts && i < WT_LIMIT_DTLS_AHEAD; i++)
        if (way->parts[i].used && (!best || way->parts[i].message_seq < best->message_seq))
            best = &way->parts[i];
    return best;
}

void wt_dtls_fragments_give_up(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_dtls *dtls = c->tls->dtls;
    dtls->giving_up = true;
    tell_ready(o, c);
    for (unsigned i = 0; i < 2; i++) {
        const unsigned direction = i ? !c->tls->client : c->tls->client;
        struct wt_dtls_way *way = &dtls->way[direction];
        struct wt_dtls_part *part;
        while ((part = first(way))) {
            lacks(c);
            way->numbered = true;
            way->message_seq = part->message_seq + !part->whole;
            if (!part->whole)
                clear(way, part);
            tell_ready(o, c);
        }
        wt_dtls_fragments_free(way);
    }
    dtls->giving_up = false;
    dtls->late = 0;
}

/* --- one fragment ------------------------------------------------------------------------------------------------- */

/* Fragments, or a message and its copy, say different things: the first bytes win, as with a receiver that has used
 * them. */
static void contradicts(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    wt_finding_add(r->tls, WT_FINDING_DTLS_FRAGMENT_CONFLICT, r->o->frame, wt_tls_sender(r->from), f->message_seq, 0);
}

static void add_body(void *context, uint64_t at, struct wt_span bytes)
{
    struct wt_dtls_part *part = context;
    if (at == part->body.n)
        (void)wt_buffer_add(&part->body, bytes.p, bytes.n);
}

static unsigned flags_of(const struct wt_dtls_reading *r)
{
    return r->opened ? WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED : 0;
}

/* It becomes part of its message. */
static void feed(struct wt_dtls_reading *r, struct wt_dtls_part *part, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_way *way = r->way;
    const size_t room = WT_LIMIT_DTLS_BYTES > way->held ? WT_LIMIT_DTLS_BYTES - way->held : 0;
    const struct wt_pieces_limits limits = {WT_LIMIT_DTLS_PIECES, room + part->pieces.held, WT_LIMIT_HANDSHAKE_MESSAGE};
    const size_t before = part->pieces.held + part->body.n;
    if (f->bytes.n > room) {
        r->o->lost[WT_LOST_MESSAGES]++;
        return;
    }
    const bool differed = part->pieces.differs;
    const enum wt_pieces_fed fed = wt_pieces_feed(&part->pieces, f->fragment_offset, f->bytes, &limits, add_body, part);
    way->held += part->pieces.held + part->body.n - before;
    if (part->pieces.differs && !differed)
        contradicts(r, f);
    if (fed == WT_PIECES_FULL || fed == WT_PIECES_MEMORY)
        r->o->lost[WT_LOST_MESSAGES]++;
    if (fed != WT_PIECES_TAKEN && part->length)
        return;
    wt_dtls_spots_add(r, &part->spots, f);
    part->records += part->records < UINT16_MAX;
    part->record = r->record;
    part->flags = flags_of(r);
    part->frame = r->o->frame;
    part->time = r->o->now;
    part->whole = part->body.n == part->length;
}

/* RFC 6347, 4.2.2: "The first message each side transmits in each handshake always has message_seq = 0." Where the
 * capture begins later, or lacks it, the others wait until they are given up. */
static void number_from(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_way *way = r->way;
    if (way->numbered || f->message_seq)
        return;
    way->numbered = true;
    way->message_seq = f->message_seq;
}

static bool is_due(const struct wt_dtls_way *way, const struct wt_dtls_fragment *f)
{
    return way->numbered && f->message_seq == way->message_seq;
}

/* RFC 6347, 4.2.2: a renegotiation's numbers begin again, under the keys of the handshake before it. */
static void begin_again(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_way *way = r->way;
    const bool hello = f->type == WT_HANDSHAKE_CLIENT_HELLO || f->type == WT_HANDSHAKE_SERVER_HELLO ||
                       f->type == WT_HANDSHAKE_HELLO_REQUEST;
    if (wt_tls_is_13(r->tls) || r->epoch <= way->base || !hello || f->message_seq > 1)
        return;
    wt_dtls_fragments_give_up(r->o, r->c);
    memset(way->told, 0, sizeof way->told);
    way->base = r->epoch;
    way->message_seq = f->message_seq;
    way->ccs = way->changed = way->finished = false;
}

/* Nothing of it is kept: it is whole, and its turn. */
static bool take_whole(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_spot spot = wt_dtls_spots_of(r, f);
    const struct wt_dtls_spots spots = {.list = &spot, .count = 1};
    const struct telling t = {.record = &r->record,
                              .spots = &spots,
                              .body = f->bytes,
                              .epoch = r->epoch,
                              .length = f->length,
                              .flags = flags_of(r),
                              .message_seq = f->message_seq,
                              .records = 1,
                              .type = f->type};
    if (f->bytes.n != f->length || find(r->way, f->message_seq) || !is_due(r->way, f) ||
        answers_later(r->dtls, r->direction, f->type, f->message_seq, r->epoch))
        return false;
    tell(r->o, r->c, r->direction, &t);
    tell_ready(r->o, r->c);
    return true;
}

/* Longer than anybody is to hold: it is told without its bytes, once, and passed over. */
static void pass_over(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    const struct telling t = {.record = &r->record,
                              .epoch = r->epoch,
                              .length = f->length,
                              .flags = flags_of(r),
                              .message_seq = f->message_seq,
                              .records = 1,
                              .type = f->type};
    if (is_due(r->way, f))
        tell(r->o, r->c, r->direction, &t);
}

/* Where no hello has said who is the client, a message that one side alone sends does. */
static void take_role(struct wt_dtls_reading *r, uint8_t type)
{
    size_t count;
    unsigned sides = 0;
    const struct wt_flow_row *rows = r->tls->client_known ? NULL : wt_flow_rows(&count);
    for (size_t i = 0; rows && i < count; i++)
        if (rows[i].message == type)
            sides |= 1u << wt_flow_state_side((enum wt_flow_state)rows[i].state);
    if (sides != 1u << WT_CLIENT && sides != 1u << WT_SERVER)
        return;
    wt_tls_take_role(r->tls, sides == 1u << WT_CLIENT ? r->direction : !r->direction);
    r->from = wt_tls_side_of(r->tls, r->direction);
}

static void take_fragment(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    struct wt_dtls_way *way = r->way;
    take_role(r, f->type);
    r->dtls->fragments += f->bytes.n < f->length;
    begin_again(r, f);
    number_from(r, f);
    if (way->numbered && f->message_seq < way->message_seq) {
        if (wt_dtls_repeats_take(r, f))
            contradicts(r, f);
        return;
    }
    if (f->length > WT_LIMIT_HANDSHAKE_MESSAGE || f->length > WT_LIMIT_DTLS_BYTES) {
        pass_over(r, f);
        return;
    }
    wt_dtls_repeats_new(r);
    if (take_whole(r, f))
        return;
    const uint32_t due = way->numbered ? way->message_seq : 0;
    if (f->message_seq >= due + WT_LIMIT_DTLS_AHEAD) {
        r->o->lost[WT_LOST_MESSAGES]++;
        return;
    }
    struct wt_dtls_part *part = find(way, f->message_seq);
    if (!part)
        part = begin(r, f);
    if (!part)
        return;
    if (part->type != f->type || part->length != f->length || part->epoch != r->epoch) {
        contradicts(r, f);
        return;
    }
    feed(r, part, f);
    tell_ready(r->o, r->c);
}

static void malformed(struct wt_dtls_reading *r, const struct wt_error *error)
{
    char text[512];
    (void)wt_error_format(error, text, sizeof text);
    wt_finding_add(r->tls, WT_FINDING_MALFORMED, r->o->frame, text, 0, 0);
}

void wt_dtls_fragments_take(struct wt_dtls_reading *r)
{
    const struct wt_span content = r->text;
    struct wt_decode decode;
    struct wt_reader reader = wt_reader_start(&decode, content, NULL);
    while (wt_reader_left(&reader)) {
        struct wt_dtls_fragment f;
        r->inside = content.n - wt_reader_left(&reader);
        if (!wt_dtls_fragment_read(&reader, &f) || decode.error.code != WT_OK) {
            malformed(r, &decode.error);
            return;
        }
        take_fragment(r, &f);
        r->from = wt_tls_side_of(r->tls, r->direction); /* a hello may have shown that it is the other */
    }
}

void wt_dtls_fragments_step(struct wt_dtls_reading *r)
{
    step_change(r->o, r->c, r->way, r->from, false);
}

void wt_dtls_fragments_change(struct wt_dtls_reading *r)
{
    struct wt_dtls_way *way = r->way;
    enum { OLD_LENGTH = 3 };
    /* OpenSSL, DTLS1_BAD_VER: the type is followed by a message_seq */
    if (r->header.version == WT_DTLS_OLD && r->text.n == OLD_LENGTH && way->numbered &&
        wt_get16(r->text.p + 1) == way->message_seq)
        way->message_seq++;
    if (!first(way))
        step_change(r->o, r->c, way, r->from, false);
    tell_ready(r->o, r->c);
}
