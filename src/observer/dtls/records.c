#include "observer/dtls/records.h"

#include "base/array.h"
#include "base/memory.h"
#include "observer/dtls/content.h"
#include "observer/dtls/epochs.h"
#include "observer/dtls/ids.h"
#include "observer/dtls/spots.h"

#include <stdlib.h>

/* --- records that wait -------------------------------------------------------------------------------------------- */

static void free_waiting(struct wt_dtls_waiting *w)
{
    wt_wipe(w, sizeof *w + w->n);
    free(w);
}

void wt_dtls_records_free(struct wt_dtls *dtls)
{
    struct wt_dtls_waiting *next;
    for (struct wt_dtls_waiting *w = dtls->waiting; w; w = next) {
        next = w->next;
        free_waiting(w);
    }
    dtls->waiting = NULL;
    dtls->waiting_end = &dtls->waiting;
    dtls->waiting_count = 0;
    dtls->waiting_bytes = 0;
}

/* False when it is told as it is: there is no room, or no memory. */
static bool wait_for_more(struct wt_dtls_reading *r)
{
    struct wt_dtls *dtls = r->dtls;
    struct wt_dtls_waiting *w = NULL;
    if (dtls->waiting_count < WT_LIMIT_DTLS_WAITING && r->wire.n <= WT_LIMIT_DTLS_WAITING_BYTES - dtls->waiting_bytes)
        w = wt_malloc(sizeof *w + r->wire.n);
    if (!w)
        return false;
    *w = (struct wt_dtls_waiting){.time = r->o->now,
                                  .frame = r->o->frame,
                                  .number = r->record.number,
                                  .at = r->at,
                                  .direction = (uint8_t)r->direction,
                                  .n = r->wire.n};
    memcpy(w->bytes, r->wire.p, r->wire.n);
    *dtls->waiting_end = w;
    dtls->waiting_end = &w->next;
    dtls->waiting_count++;
    dtls->late += r->type == WT_CONTENT_APPLICATION_DATA && (dtls->way[0].parts || dtls->way[1].parts);
    dtls->waiting_bytes += w->n;
    return true;
}

static bool wait_for_keys(struct wt_dtls_reading *r)
{
    const bool waits = wait_for_more(r);
    r->o->lost[WT_LOST_TRIALS] += !waits;
    return waits;
}

/* A record with a connection id before the hellos that say how long it is: nothing of what is left of its datagram can
 * be told apart until then. */
static bool awaits_ids(const struct wt_dtls_reading *r, struct wt_span rest)
{
    const struct wt_flow *flow = &r->tls->flow;
    const bool has_id = wt_dtls_is_unified(rest.p[0]) ? rest.p[0] & WT_DTLS13_CID : rest.p[0] == WT_CONTENT_TLS12_CID;
    return has_id && !r->way->cid_count && !r->dtls->last &&
           !(wt_flow_has(flow, WT_FACT_SERVER_HELLO) && wt_flow_has(flow, WT_FACT_CLIENT_HELLO));
}

/* --- the list of them --------------------------------------------------------------------------------------------- */

/* The content of one that was opened stands where its ciphertext was. */
static bool keep(const struct wt_dtls_reading *r, bool open, size_t header_length)
{
    struct wt_buffer *b = &r->dtls->kept;
    const size_t n = header_length + (open ? r->text.n : 0);
    uint8_t *to = n <= WT_LIMIT_LISTED_BYTES - b->n ? wt_buffer_room(b, n) : NULL;
    if (!to) {
        r->o->lost[WT_LOST_PLACES]++;
        return false;
    }
    memcpy(to, r->wire.p, header_length);
    for (size_t i = r->header.sequence_length; open && i--;)
        to[r->header.sequence_at + i] = (uint8_t)(r->sequence >> 8 * (r->header.sequence_length - 1 - i));
    if (open && r->text.n)
        memcpy(to + header_length, r->text.p, r->text.n);
    b->n += n;
    return true;
}

static void list_bytes(const struct wt_dtls_reading *r, bool open, struct wt_dtls_listed *entry)
{
    const size_t header_length = r->header.size - r->header.fragment.n, at = r->dtls->kept.n;
    entry->seen.header_length = (uint8_t)(header_length <= UINT8_MAX ? header_length : 0);
    entry->seen.id_length = (uint8_t)r->header.cid.n;
    if (!entry->seen.header_length || !keep(r, open, header_length))
        return;
    entry->at = (uint32_t)at;
    entry->bytes = (uint32_t)(r->dtls->kept.n - at);
}

/* In the capture's order, though some are read later. */
static void list(const struct wt_dtls_reading *r, enum wt_dtls_opening opening, bool again)
{
    struct wt_dtls *dtls = r->dtls;
    const bool open = opening == WT_DTLS_CLEAR || opening == WT_DTLS_OPENED;
    if (!r->tls->log || !wt_array_grow_within(&dtls->list, dtls->list_count, &dtls->list_cap, sizeof *dtls->list, 16,
                                              WT_LIMIT_DTLS_RECORDS))
        return;
    size_t at = dtls->list_count++;
    for (; at && dtls->list[at - 1].seen.frame > r->o->frame; at--)
        dtls->list[at] = dtls->list[at - 1];
    struct wt_dtls_listed *entry = &dtls->list[at];
    *entry = (struct wt_dtls_listed){.seen = {.epoch = r->epoch,
                                              .sequence = r->sequence,
                                              .frame = r->o->frame,
                                              .length = (uint32_t)(open ? r->text.n : r->header.fragment.n),
                                              .from = (uint8_t)r->direction,
                                              .type = open || !r->header.unified ? r->type : 0,
                                              .opened = open,
                                              .numbered = open || !r->header.unified,
                                              .again = again,
                                              .number = r->record.number,
                                              .offset = r->at,
                                              .sent = (uint32_t)r->header.size}};
    if (r->o->options.keep_datagrams)
        list_bytes(r, open, entry);
}

/* --- one record --------------------------------------------------------------------------------------------------- */

/* For what is told of keys at the end (keys/why.c, opener.c). */
static void count(const struct wt_dtls_reading *r, enum wt_dtls_opening opening)
{
    struct wt_opener *op = r->tls->keys ? &r->tls->keys->by[r->from] : NULL;
    if (!op || opening == WT_DTLS_CLEAR)
        return;
    op->opened += opening == WT_DTLS_OPENED;
    op->unopened += opening != WT_DTLS_OPENED;
    op->passed += opening == WT_DTLS_CLOSED;
    if (opening != WT_DTLS_FAILED || op->failed++)
        return;
    op->failed_frame = r->o->frame;
    op->failed_record = r->record.number;
    op->opening = WT_OPEN_BAD_MAC;
}

/* What must be a Finished, before any hello of the client's: taken for what it is, the hello would begin another
 * handshake. Where nothing of the client's comes, it is not waited for. */
static bool is_before_hello(const struct wt_dtls_reading *r)
{
    const struct wt_flow *flow = &r->tls->flow;
    const bool alone = !r->dtls->way[!r->direction].record_count && wt_flow_has(flow, WT_FACT_SERVER_HELLO);
    return !r->dtls->last && !r->header.unified && r->type == WT_CONTENT_HANDSHAKE &&
           !wt_flow_has(flow, WT_FACT_CLIENT_HELLO) && !alone;
}

/* RFC 6347, 4.1.2.7: "invalid records SHOULD be silently discarded, thus preserving the association": they say nothing.
 * 4.1.2.6: so are copies. */
static bool take(struct wt_dtls_reading *r)
{
    struct wt_dtls *dtls = r->dtls;
    enum wt_dtls_opening opening = wt_dtls_epochs_open(r);
    if ((opening == WT_DTLS_LATER || (opening == WT_DTLS_CLOSED && is_before_hello(r))) && wait_for_keys(r))
        return true;
    if (opening == WT_DTLS_LATER)
        opening = WT_DTLS_CLOSED;
    const bool numbered = opening != WT_DTLS_FAILED && (opening != WT_DTLS_CLOSED || !r->header.unified);
    const bool again = numbered && wt_dtls_epochs_seen(r);
    r->opened = opening == WT_DTLS_OPENED;
    if (r->opened && r->epoch > r->way->highest)
        r->way->highest = r->epoch;
    count(r, opening);
    list(r, opening, again);
    if (again && !dtls->replays++)
        dtls->replay_frame = r->o->frame;
    if (again || opening == WT_DTLS_FAILED)
        return again;
    dtls->telling = (struct wt_dtls_telling){.record = wt_dtls_spots_record(r), .epoch = r->epoch};
    if (opening == WT_DTLS_CLOSED)
        wt_dtls_content_hidden(r);
    else
        wt_dtls_content_take(r);
    return true;
}

/* The record's place among those of its direction: `known` of one that has waited, 0 of one that is new. */
static void number(struct wt_dtls_reading *r, uint32_t known)
{
    struct wt_dtls_way *way = r->way;
    if (!known) {
        r->dtls->records++;
        way->record_count++;
    }
    way->record.number = known ? known : way->record_count;
    way->record.length = (uint32_t)r->header.fragment.n;
    way->record.version = r->header.unified ? WT_DTLS12 : r->header.version;
    way->record.type = r->header.unified ? WT_CONTENT_APPLICATION_DATA : r->header.type;
    r->tls->cursor[r->direction].record = way->record;
    r->record = way->record;
}

/* `at`: of the payload's first byte in its datagram; `known` is of the one record that it is then. */
static bool take_all(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span payload,
                     uint32_t at, uint32_t known)
{
    struct wt_dtls *dtls = c->tls->dtls;
    struct wt_decode decode;
    struct wt_reader reader = wt_reader_start(&decode, payload, NULL);
    bool any = false;
    while (wt_reader_left(&reader)) {
        struct wt_dtls_reading r = {.o = o,
                                    .c = c,
                                    .tls = c->tls,
                                    .dtls = dtls,
                                    .way = &dtls->way[direction],
                                    .direction = direction,
                                    .from = wt_tls_side_of(c->tls, direction)};
        const struct wt_span rest = wt_span_of(reader.p, wt_reader_left(&reader));
        r.wire = rest;
        r.at = at + (uint32_t)(rest.p - payload.p);
        if (awaits_ids(&r, rest) && wait_for_more(&r))
            return any;
        if (!wt_dtls_record_read(&reader, wt_dtls_ids_length(r.way, rest), &r.header) || decode.error.code != WT_OK)
            return any;
        r.wire = wt_span_of(rest.p, r.header.size);
        c->tls->side[r.from].flags |= WT_SIDE_STARTED;
        number(&r, known);
        any = take(&r) || any;
    }
    return any;
}

bool wt_dtls_records_take(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span payload,
                          uint32_t at)
{
    return take_all(o, c, direction, payload, at, 0);
}

void wt_dtls_records_retry(struct wt_observer *o, struct wt_conversation *c, bool last)
{
    struct wt_dtls *dtls = c->tls->dtls;
    const uint32_t frame = o->frame;
    const struct wt_time now = o->now;
    dtls->last = last;
    if (dtls->waiting)
        c->tls->out_of_order = true;
    while (dtls->waiting && (last || dtls->tried != dtls->told)) {
        struct wt_dtls_waiting *w = dtls->waiting, *next;
        dtls->tried = dtls->told;
        dtls->waiting = NULL;
        dtls->waiting_end = &dtls->waiting;
        dtls->waiting_count = 0;
        dtls->waiting_bytes = 0;
        dtls->again = true;
        for (; w; w = next) {
            next = w->next;
            o->frame = w->frame;
            o->now = w->time;
            (void)take_all(o, c, w->direction, wt_span_of(w->bytes, w->n), w->at, w->number);
            free_waiting(w);
        }
        dtls->again = false;
    }
    o->frame = frame;
    o->now = now;
}
