#include "report/json/quic.h"

#include "report/json/json.h"
#include "story/words.h"
#include "wiretale/quic.h"

static void versions(struct wt_json *j, const char *key, const uint32_t *list, size_t n)
{
    if (!list)
        return;
    wt_json_key_word(j, key);
    wt_json_open(j, '[');
    for (size_t i = 0; i < n; i++)
        wt_json_code(j, list[i], 4);
    wt_json_close(j, ']');
}

static void id(struct wt_json *j, const char *key, struct wt_span bytes)
{
    wt_json_key_word(j, key);
    wt_json_hex(j, bytes);
}

static void counts(struct wt_json *j, const char *key, const struct wt_quic_counts of[2])
{
    wt_json_key_word(j, key);
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        wt_json_key_side(j, side);
        wt_json_open(j, '{');
        for (size_t i = 0; i < of[side].count; i++) {
            wt_json_key_word(j, of[side].items[i].what);
            wt_json_number(j, of[side].items[i].count);
        }
        wt_json_close(j, '}');
    }
    wt_json_close(j, '}');
}

static void numbers(struct wt_json *j, const char *key, const uint64_t of[2])
{
    if (!of[0] && !of[1])
        return;
    wt_json_key_word(j, key);
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        wt_json_key_side(j, side);
        wt_json_number(j, of[side]);
    }
    wt_json_close(j, '}');
}

static void ends(struct wt_json *j, const struct wt_quic_path_seen *p)
{
    const struct wt_address *of[2] = {&p->client, &p->server};
    for (unsigned side = 0; side < 2; side++) {
        char text[46];
        wt_json_key_side(j, side);
        wt_json_open(j, '{');
        wt_json_key(j, "ip");
        wt_json_word(j, wt_address_format(of[side], text));
        wt_json_member_number(j, "port", of[side]->port);
        wt_json_close(j, '}');
    }
}

static void path(struct wt_json *j, const struct wt_quic_path_seen *p)
{
    wt_json_open(j, '{');
    ends(j, p);
    wt_json_member_number(j, "first_frame", p->first_frame);
    wt_json_member_number(j, "last_frame", p->last_frame);
    numbers(j, "datagrams", p->packets);
    for (unsigned side = 0; side < 2; side++) {
        if (!p->challenge_frame[side])
            continue;
        wt_json_key_joined(j, "challenge_", wt_words_side(side));
        wt_json_open(j, '{');
        wt_json_member_number(j, "frame", p->challenge_frame[side]);
        if (p->response_frame[side]) {
            wt_json_member_number(j, "response_frame", p->response_frame[side]);
            wt_json_key(j, "seconds");
            wt_json_seconds(j, p->validated_in[side], 6);
        }
        wt_json_close(j, '}');
    }
    wt_json_close(j, '}');
}

static void paths(struct wt_json *j, const struct wt_quic_story *q)
{
    wt_json_key(j, "paths");
    wt_json_open(j, '[');
    for (size_t i = 0; i < q->path_count; i++)
        path(j, &q->paths[i]);
    wt_json_close(j, ']');
}

static void closes(struct wt_json *j, const struct wt_quic_story *q)
{
    wt_json_key(j, "close");
    wt_json_open(j, '[');
    for (size_t i = 0; i < q->close_count; i++) {
        const struct wt_quic_close_seen *c = &q->closes[i];
        wt_json_open(j, '{');
        wt_json_member_number(j, "frame", c->frame);
        wt_json_member_word(j, "from", wt_words_side(c->from));
        wt_json_member_word(j, "layer", c->application ? "application" : "transport");
        wt_json_member_number(j, "code", c->code);
        wt_json_member_word(j, "name", c->name);
        wt_json_key(j, "reason");
        wt_json_wire(j, c->reason);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

static void packet(struct wt_json *j, const struct wt_quic_packet_seen *p)
{
    wt_json_open(j, '[');
    wt_json_number(j, p->frame);
    wt_json_word(j, wt_words_side(p->from));
    wt_json_word(j, p->type);
    if (p->opened) {
        wt_json_number(j, p->number);
        wt_json_open(j, '[');
        for (size_t i = 0; i < p->frame_count; i++)
            wt_json_word(j, p->frames[i]);
        wt_json_close(j, ']');
    } else {
        wt_json_null(j);
        wt_json_null(j);
    }
    wt_json_close(j, ']');
}

static void packet_list(struct wt_json *j, const struct wt_quic_story *q)
{
    wt_json_key(j, "packet_list");
    wt_json_open(j, '[');
    for (size_t i = 0; i < q->packet_list_count; i++)
        packet(j, &q->packet_list[i]);
    wt_json_close(j, ']');
    if (q->packet_list_dropped)
        wt_json_member_number(j, "packet_list_dropped", q->packet_list_dropped);
}

static void idle(struct wt_json *j, const struct wt_quic_story *q)
{
    if (!q->idle_timeout[0] && !q->idle_timeout[1])
        return;
    wt_json_key(j, "idle_timeout");
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        if (!q->idle_timeout[side])
            continue;
        wt_json_key_side(j, side);
        wt_json_seconds(j, q->idle_timeout[side], 3);
    }
    wt_json_close(j, '}');
}

static void again(struct wt_json *j, const struct wt_quic_resent *r)
{
    wt_json_open(j, '{');
    wt_json_member_number(j, "frame", r->frame);
    wt_json_member_word(j, "from", wt_words_side(r->from));
    wt_json_member_word(j, "type", r->type);
    wt_json_member_number(j, "number", r->number);
    if (!r->crypto)
        wt_json_member_number(j, "stream_id", r->stream_id);
    wt_json_member_number(j, "offset", r->offset);
    wt_json_member_number(j, "length", r->length);
    wt_json_key(j, "first");
    wt_json_open(j, '{');
    if (!r->unseen)
        wt_json_member_number(j, "frame", r->first_frame);
    wt_json_member_word(j, "type", r->first_type);
    wt_json_member_number(j, "number", r->first_number);
    wt_json_member_flag(j, "unseen", r->unseen);
    wt_json_member_flag(j, "acknowledged", r->first_arrived);
    if (r->first_acknowledged)
        wt_json_member_number(j, "acknowledged_frame", r->first_acknowledged);
    wt_json_member_flag(j, "lost", r->lost);
    wt_json_close(j, '}');
    if (r->acknowledged) {
        wt_json_member_number(j, "acknowledged_frame", r->acknowledged);
        wt_json_key(j, "acknowledged_after");
        wt_json_seconds(j, r->acknowledged_in, 6);
    }
    wt_json_close(j, '}');
}

static void gap(struct wt_json *j, const struct wt_quic_gap_seen *g)
{
    wt_json_open(j, '{');
    wt_json_member_number(j, "frame", g->frame);
    wt_json_member_word(j, "from", wt_words_side(g->from));
    wt_json_member_word(j, "type", g->type);
    wt_json_member_number(j, "first", g->first);
    wt_json_member_number(j, "last", g->last);
    wt_json_member_number(j, "missing", g->missing);
    wt_json_member_number(j, "acknowledged", g->acknowledged);
    wt_json_member_flag(j, "sent_again", g->again);
    wt_json_close(j, '}');
}

/* Left out where all went well. */
static void loss(struct wt_json *j, const struct wt_quic_story *q)
{
    numbers(j, "resent_packets", q->resent_packets);
    numbers(j, "lost", q->lost);
    numbers(j, "uncaptured", q->uncaptured);
    numbers(j, "skipped", q->skipped);
    if (q->resent_count) {
        wt_json_key(j, "resent");
        wt_json_open(j, '[');
        for (size_t i = 0; i < q->resent_count; i++)
            again(j, &q->resent[i]);
        wt_json_close(j, ']');
    }
    if (q->gap_count) {
        wt_json_key(j, "gaps");
        wt_json_open(j, '[');
        for (size_t i = 0; i < q->gap_count; i++)
            gap(j, &q->gaps[i]);
        wt_json_close(j, ']');
    }
}

void wt_json_quic(struct wt_json *j, const struct wt_connection *c, bool packets)
{
    const struct wt_quic_story *q = c->quic;
    if (!q)
        return;
    wt_json_key(j, "quic");
    wt_json_open(j, '{');
    wt_json_key(j, "version");
    wt_json_code(j, q->version, 4);
    versions(j, "versions_tried", q->versions_tried, q->versions_tried_count);
    versions(j, "version_negotiation", q->versions_offered, q->versions_offered_count);
    if (q->dcid.n) /* RFC 9000, 7.2: at least 8 bytes: it was not seen */
        id(j, "dcid", q->dcid);
    if (q->has_client)
        id(j, "client_scid", q->client_scid);
    if (q->server_scid.n)
        id(j, "server_scid", q->server_scid);
    wt_json_key(j, "retry");
    wt_json_bool(j, q->retry);
    wt_json_key(j, "early_data");
    wt_json_bool(j, q->early_data);
    counts(j, "packets", q->packets);
    counts(j, "opened", q->opened);
    counts(j, "frames", q->frames);
    numbers(j, "key_updates", (const uint64_t[2]){q->key_updates[0], q->key_updates[1]});
    paths(j, q);
    closes(j, q);
    idle(j, q);
    numbers(j, "stream_bytes", q->stream_bytes);
    numbers(j, "datagram_bytes", q->datagram_bytes);
    if (q->offloaded)
        wt_json_member_number(j, "offloaded", q->offloaded);
    if (q->reset_frame)
        wt_json_member_number(j, "stateless_reset", q->reset_frame);
    loss(j, q);
    if (packets)
        packet_list(j, q);
    wt_json_close(j, '}');
}
