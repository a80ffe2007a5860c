#include "observer/quic/story.h"

#include "observer/quic/close.h"
#include "observer/quic/connection.h"
#include "observer/quic/ledger.h"
#include "observer/quic/loss.h"
#include "registry/registry.h"
#include "wiretale/quic.h"

static void add_count(struct wt_quic_count *items, size_t *n, const char *what, uint64_t count)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(items[i].what, what) == 0) {
            items[i].count += count;
            return;
        }
    items[*n] = (struct wt_quic_count){what, count};
    (*n)++;
}

static struct wt_quic_counts packets(struct wt_observer *o, const uint32_t counts[WT_QUIC_PACKETS])
{
    size_t n = 0;
    struct wt_quic_count *items = wt_arena_alloc(&o->story, WT_QUIC_PACKETS * sizeof *items);
    for (unsigned i = 0; items && i < WT_QUIC_PACKETS; i++)
        if (counts[i])
            add_count(items, &n, wt_quic_packet_id((enum wt_quic_packet)i), counts[i]);
    return (struct wt_quic_counts){items, n};
}

static struct wt_quic_counts frames(struct wt_observer *o, const uint32_t counts[WT_FRAME_UNKNOWN + 1])
{
    size_t n = 0;
    struct wt_quic_count *items = wt_arena_alloc(&o->story, (WT_FRAME_UNKNOWN + 1) * sizeof *items);
    for (unsigned i = 0; items && i <= WT_FRAME_UNKNOWN; i++)
        if (counts[i])
            add_count(items, &n, wt_quic_frame_id((enum wt_quic_frame_kind)i), counts[i]);
    return (struct wt_quic_counts){items, n};
}

static struct wt_span id_of(struct wt_observer *o, const struct wt_quic_cid *id)
{
    return wt_arena_copy(&o->story, wt_quic_cid_span(id));
}

static void fill_side(struct wt_observer *o, const struct wt_quic *q, unsigned side, struct wt_quic_story *out)
{
    const int64_t ms = 1000000;
    const struct wt_quic_side *s = &q->side[side];
    out->packets[side] = packets(o, s->packets);
    out->opened[side] = packets(o, s->opened);
    out->frames[side] = frames(o, s->frames);
    out->key_updates[side] = s->key_updates;
    out->stream_bytes[side] = s->stream_bytes;
    out->datagram_bytes[side] = s->datagram_bytes;
    out->idle_timeout[side] = s->idle_ms < INT64_MAX / ms ? (int64_t)s->idle_ms * ms : INT64_MAX;
}

static void fill_paths(struct wt_observer *o, const struct wt_quic *q, struct wt_quic_story *out)
{
    struct wt_quic_path_seen *paths = q->path_count ? wt_arena_alloc(&o->story, q->path_count * sizeof *paths) : NULL;
    for (unsigned i = 0; paths && i < q->path_count; i++) {
        const struct wt_quic_path *p = &q->paths[i];
        paths[i] = (struct wt_quic_path_seen){.first_frame = p->first_frame, .last_frame = p->last_frame};
        struct wt_address *ends[2] = {&paths[i].client, &paths[i].server};
        for (unsigned side = 0; side < 2; side++) {
            memcpy(ends[side]->ip, p->ends.ip[side], sizeof ends[side]->ip);
            ends[side]->port = p->ends.port[side];
            paths[i].packets[side] = p->packets[side];
            paths[i].challenge_frame[side] = p->challenged[side];
            paths[i].response_frame[side] = p->answered[side];
            paths[i].validated_in[side] = p->answered[side] ? p->answered_ns[side] - p->challenged_ns[side] : 0;
        }
    }
    out->paths = paths;
    out->path_count = paths ? q->path_count : 0;
}

static void fill_closes(struct wt_observer *o, const struct wt_quic *q, struct wt_quic_story *out)
{
    struct wt_quic_close_seen *closes =
        q->close_count ? wt_arena_alloc(&o->story, q->close_count * sizeof *closes) : NULL;
    for (unsigned i = 0; closes && i < q->close_count; i++) {
        const struct wt_quic_close *c = &q->closes[i];
        closes[i] = (struct wt_quic_close_seen){.frame = c->frame,
                                                .from = c->from,
                                                .application = c->application,
                                                .code = c->code,
                                                .name = wt_quic_close_name(q, c),
                                                .reason = c->reason};
    }
    out->closes = closes;
    out->close_count = closes ? q->close_count : 0;
}

static const char *const *frame_names(struct wt_observer *o, const struct wt_quic_listed *l,
                                      const struct wt_quic_entry *e)
{
    const char **names = e->frame_count ? wt_arena_alloc(&o->story, e->frame_count * sizeof *names) : NULL;
    for (uint32_t i = 0; names && i < e->frame_count; i++)
        names[i] = wt_quic_frame_id((enum wt_quic_frame_kind)l->kinds.p[e->frames_at + i]);
    return names;
}

static void fill_list(struct wt_observer *o, const struct wt_quic_listed *l, struct wt_quic_story *out)
{
    struct wt_quic_packet_seen *list = l->count ? wt_arena_alloc(&o->story, l->count * sizeof *list) : NULL;
    for (size_t i = 0; list && i < l->count; i++) {
        const struct wt_quic_entry *e = &l->entries[i];
        list[i] = (struct wt_quic_packet_seen){.time = e->time,
                                               .frame = e->frame,
                                               .from = e->from,
                                               .type = wt_quic_packet_id((enum wt_quic_packet)e->type),
                                               .opened = e->opened,
                                               .number = e->number,
                                               .frames = frame_names(o, l, e)};
        list[i].bytes = wt_span_cut(wt_buffer_span(&l->bytes), e->bytes_at, e->bytes);
        list[i].length = e->length;
        list[i].offset = e->offset;
        list[i].id_length = e->id_length;
        list[i].frame_count = list[i].frames ? e->frame_count : 0;
    }
    out->packet_list = list;
    out->packet_list_count = list ? l->count : 0;
    out->packet_list_dropped = l->dropped;
}

static struct wt_quic_resent resent_of(const struct wt_quic *q, const struct wt_quic_resend *a)
{
    const bool crypto = wt_quic_loss_is_crypto(a->what);
    return (struct wt_quic_resent){.from = a->from,
                                   .type = wt_quic_packet_id((enum wt_quic_packet)a->type),
                                   .number = a->number,
                                   .frame = a->frame,
                                   .crypto = crypto,
                                   .stream_id = crypto ? 0 : a->what,
                                   .offset = a->offset,
                                   .length = a->length,
                                   .first_type = wt_quic_packet_id((enum wt_quic_packet)a->first_type),
                                   .first_number = a->first_number,
                                   .first_frame = a->first_frame,
                                   .first_acknowledged = a->first_acknowledged,
                                   .first_arrived = a->arrived || a->first_acknowledged,
                                   .unseen = a->unseen,
                                   .lost = wt_quic_loss_is_lost(q, a),
                                   .acknowledged = a->acknowledged,
                                   .acknowledged_in = a->acknowledged ? a->acknowledged_ns - a->ns : 0};
}

static void fill_gaps(struct wt_observer *o, const struct wt_quic *q, struct wt_quic_story *out)
{
    size_t n;
    const struct wt_quic_gap *list = wt_quic_loss_gaps(q, &n);
    struct wt_quic_gap_seen *gaps = n ? wt_arena_alloc(&o->story, n * sizeof *gaps) : NULL;
    for (size_t i = 0; gaps && i < n; i++) {
        unsigned acknowledged;
        const unsigned missing = wt_quic_loss_missing(q, &list[i], &acknowledged);
        if (missing)
            gaps[out->gap_count++] =
                (struct wt_quic_gap_seen){.from = list[i].from,
                                          .type = wt_quic_packet_id((enum wt_quic_packet)list[i].type),
                                          .frame = list[i].frame,
                                          .first = list[i].first,
                                          .last = list[i].last,
                                          .missing = missing,
                                          .acknowledged = acknowledged,
                                          .again = list[i].again};
    }
    out->gaps = gaps;
}

static void fill_loss(struct wt_observer *o, const struct wt_quic *q, struct wt_quic_story *out)
{
    size_t n;
    const struct wt_quic_resend *list = wt_quic_loss_list(q, &n);
    struct wt_quic_resent *resent = n ? wt_arena_alloc(&o->story, n * sizeof *resent) : NULL;
    for (size_t i = 0; resent && i < n; i++)
        resent[i] = resent_of(q, &list[i]);
    out->resent = resent;
    out->resent_count = resent ? n : 0;
    fill_gaps(o, q, out);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_quic_loss_counts counts = wt_quic_loss_count(q, side);
        out->resent_packets[side] = counts.again;
        out->lost[side] = counts.lost;
        out->uncaptured[side] = counts.uncaptured;
        out->skipped[side] = counts.skipped;
    }
}

static uint32_t *versions(struct wt_observer *o, const uint32_t *list, size_t n)
{
    uint32_t *kept = n ? wt_arena_alloc(&o->story, n * sizeof *kept) : NULL;
    if (kept)
        memcpy(kept, list, n * sizeof *kept);
    return kept;
}

static struct wt_proof_verdict retry_tag(const struct wt_quic *q)
{
    return (struct wt_proof_verdict){.result = q->flags & WT_QUIC_RETRY_OK    ? WT_PROOF_OK
                                               : q->flags & WT_QUIC_RETRY_BAD ? WT_PROOF_BAD
                                                                              : WT_PROOF_ABSENT,
                                     .frame = q->retry_frame ? q->retry_frame : q->retry_bad_frame};
}

static struct wt_proof_verdict ids(const struct wt_quic *q)
{
    struct wt_proof_verdict out = {.result = WT_PROOF_ABSENT};
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_quic_verified *v = &q->verified[side];
        if (!v->ids || out.result == WT_PROOF_BAD)
            continue;
        out.result = v->mismatch ? WT_PROOF_BAD : WT_PROOF_OK;
        out.frame = v->frame;
    }
    return out;
}

const struct wt_quic_story *wt_quic_story_make(struct wt_observer *o, const struct wt_quic *q)
{
    struct wt_quic_story *out = wt_arena_alloc(&o->story, sizeof *out);
    if (!out)
        return NULL;
    *out = (struct wt_quic_story){.version = q->version,
                                  .versions_tried = versions(o, q->tried, q->tried_count),
                                  .versions_offered = versions(o, q->offered, q->offered_count),
                                  .dcid = id_of(o, &q->original),
                                  .client_scid = id_of(o, &q->client_scid),
                                  .server_scid = id_of(o, &q->server_scid),
                                  .has_client = q->has_client_scid,
                                  .retry = (q->flags & WT_QUIC_RETRY_SEEN) != 0,
                                  .retry_tag = retry_tag(q),
                                  .ids = ids(q),
                                  .early_data = q->side[WT_CLIENT].packets[WT_QUIC_0RTT] != 0,
                                  .offloaded = q->offloaded,
                                  .reset_frame = q->reset_frame};
    out->versions_tried_count = out->versions_tried ? q->tried_count : 0;
    out->versions_offered_count = out->versions_offered ? q->offered_count : 0;
    for (unsigned side = 0; side < 2; side++)
        fill_side(o, q, side, out);
    fill_paths(o, q, out);
    fill_closes(o, q, out);
    fill_loss(o, q, out);
    if (q->list)
        fill_list(o, q->list, out);
    return out;
}
