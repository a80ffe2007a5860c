#include "redact/datagrams.h"

struct work {
    struct wt_standins *s;
    struct wt_arena *arena;
};

static void *room(struct work *w, size_t count, size_t size)
{
    return count ? wt_arena_alloc(w->arena, count * size) : NULL;
}

static struct wt_span bytes(struct work *w, struct wt_span in)
{
    uint8_t *out = room(w, in.n, 1);
    if (!out)
        return (struct wt_span){0};
    wt_standin_bytes(w->s, in, out);
    return wt_span_of(out, in.n);
}

static struct wt_span words(struct work *w, struct wt_span in)
{
    uint8_t *out = room(w, in.n, 1);
    if (!out)
        return (struct wt_span){0};
    wt_standin_content(w->s, in, out);
    return wt_span_of(out, in.n);
}

static struct wt_address address(struct work *w, const struct wt_address *in)
{
    struct wt_address out = {.port = wt_standin_port(w->s, in->port)};
    wt_standin_address(w->s, in->ip, out.ip);
    return out;
}

/* --- QUIC --------------------------------------------------------------------------------------------------------- */

static void paths(struct work *w, const struct wt_quic_story *in, struct wt_quic_story *out)
{
    struct wt_quic_path_seen *list = room(w, in->path_count, sizeof *list);
    for (size_t i = 0; list && i < in->path_count; i++) {
        list[i] = in->paths[i];
        list[i].client = address(w, &in->paths[i].client);
        list[i].server = address(w, &in->paths[i].server);
    }
    out->paths = list;
    out->path_count = list ? in->path_count : 0;
}

static void closes(struct work *w, const struct wt_quic_story *in, struct wt_quic_story *out)
{
    struct wt_quic_close_seen *list = room(w, in->close_count, sizeof *list);
    for (size_t i = 0; list && i < in->close_count; i++) {
        list[i] = in->closes[i];
        list[i].reason = words(w, in->closes[i].reason);
    }
    out->closes = list;
    out->close_count = list ? in->close_count : 0;
}

static void packets(struct work *w, const struct wt_quic_story *in, struct wt_quic_story *out)
{
    struct wt_quic_packet_seen *list = room(w, in->packet_list_count, sizeof *list);
    for (size_t i = 0; list && i < in->packet_list_count; i++) {
        const struct wt_quic_packet_seen *p = &in->packet_list[i];
        list[i] = *p;
        list[i].time = (struct wt_time){wt_standin_time(w->s, p->time.ns), p->time.digits};
        list[i].bytes = (struct wt_span){0};
    }
    out->packet_list = list;
    out->packet_list_count = list ? in->packet_list_count : 0;
}

const struct wt_quic_story *wt_redact_quic(struct wt_standins *s, struct wt_arena *arena,
                                           const struct wt_quic_story *in)
{
    struct work w = {s, arena};
    struct wt_quic_story *out = in ? room(&w, 1, sizeof *out) : NULL;
    if (!out)
        return NULL;
    *out = (struct wt_quic_story){.version = in->version,
                                  .versions_tried = in->versions_tried,
                                  .versions_tried_count = in->versions_tried_count,
                                  .versions_offered = in->versions_offered,
                                  .versions_offered_count = in->versions_offered_count,
                                  .dcid = bytes(&w, in->dcid),
                                  .client_scid = bytes(&w, in->client_scid),
                                  .server_scid = bytes(&w, in->server_scid),
                                  .has_client = in->has_client,
                                  .retry = in->retry,
                                  .retry_tag = in->retry_tag,
                                  .ids = in->ids,
                                  .early_data = in->early_data,
                                  .resent = in->resent,
                                  .resent_count = in->resent_count,
                                  .gaps = in->gaps,
                                  .gap_count = in->gap_count,
                                  .packet_list_dropped = in->packet_list_dropped,
                                  .offloaded = in->offloaded,
                                  .reset_frame = in->reset_frame};
    for (unsigned side = 0; side < 2; side++) {
        out->packets[side] = in->packets[side];
        out->opened[side] = in->opened[side];
        out->frames[side] = in->frames[side];
        out->key_updates[side] = in->key_updates[side];
        out->resent_packets[side] = in->resent_packets[side];
        out->lost[side] = in->lost[side];
        out->uncaptured[side] = in->uncaptured[side];
        out->skipped[side] = in->skipped[side];
        out->stream_bytes[side] = in->stream_bytes[side];
        out->datagram_bytes[side] = in->datagram_bytes[side];
        out->idle_timeout[side] = in->idle_timeout[side];
    }
    paths(&w, in, out);
    closes(&w, in, out);
    packets(&w, in, out);
    return out;
}

/* --- DTLS --------------------------------------------------------------------------------------------------------- */

static void records(struct work *w, const struct wt_dtls_story *in, struct wt_dtls_story *out)
{
    struct wt_dtls_record_seen *list = room(w, in->list_count, sizeof *list);
    for (size_t i = 0; list && i < in->list_count; i++) {
        list[i] = in->list[i];
        list[i].bytes = (struct wt_span){0};
    }
    out->list = list;
    out->list_count = list ? in->list_count : 0;
}

const struct wt_dtls_story *wt_redact_dtls(struct wt_standins *s, struct wt_arena *arena,
                                           const struct wt_dtls_story *in)
{
    struct work w = {s, arena};
    struct wt_dtls_story *out = in ? room(&w, 1, sizeof *out) : NULL;
    if (!out)
        return NULL;
    *out = (struct wt_dtls_story){.records = in->records,
                                  .fragments = in->fragments,
                                  .retransmissions = in->retransmissions,
                                  .replays = in->replays,
                                  .cookie = bytes(&w, in->cookie),
                                  .has_client_cid = in->has_client_cid,
                                  .has_server_cid = in->has_server_cid,
                                  .client_cid = bytes(&w, in->client_cid),
                                  .server_cid = bytes(&w, in->server_cid),
                                  .moves = in->moves,
                                  .srtp_profile = in->srtp_profile,
                                  .inside = in->inside};
    memcpy(out->shared, in->shared, sizeof out->shared);
    records(&w, in, out);
    return out;
}
