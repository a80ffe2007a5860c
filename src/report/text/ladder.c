#include "report/text/ladder.h"

#include "registry/quic.h"
#include "registry/registry.h"
#include "report/text/datagrams.h"
#include "report/text/names.h"
#include "report/text/remark.h"
#include "report/text/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#define SHOWN 6u  /* packets of nothing but data that are shown one by one before they are summed up */
#define AGAIN 16u /* of what was sent again so many are shown, among them */

/* What a packet of data has in it: neither the handshake's, nor the connection's, nor the path's. */
static const char *const data_frames[] = {"stream",      "ack",      "padding",         "ping",          "max_data",
                                          "max_streams", "datagram", "max_stream_data", "immediate_ack", NULL};

/* --- which packets ------------------------------------------------------------------------------------------------ */

static bool is_one_of(const char *name, const char *const *list)
{
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list;
}

static bool is_1rtt(const struct wt_quic_packet_seen *p)
{
    return strcmp(p->type, "1rtt") == 0;
}

static enum wt_quic_level level_of(const struct wt_quic_packet_seen *p)
{
    return is_1rtt(p)                          ? WT_LEVEL_1RTT
           : strcmp(p->type, "handshake") == 0 ? WT_LEVEL_HANDSHAKE
           : strcmp(p->type, "0rtt") == 0      ? WT_LEVEL_0RTT
                                               : WT_LEVEL_INITIAL;
}

/* The message that this packet completes, from `at` on; messages are in the order of their packets. */
static const struct wt_message *message_of(const struct wt_connection *c, const struct wt_quic_packet_seen *p,
                                           size_t *at)
{
    for (; *at < c->message_count; ++*at) {
        const struct wt_message *m = &c->messages[*at];
        if (m->frame > p->frame || (m->frame == p->frame && (m->from != p->from || m->level != level_of(p))))
            return NULL;
        if (m->frame == p->frame)
            return m;
    }
    return NULL;
}

static bool is_same_packet(const struct wt_quic_packet_seen *p, uint8_t from, const char *type, uint64_t number)
{
    return p->opened && p->from == from && p->number == number && strcmp(p->type, type) == 0;
}

/* It was lost, or it has what was sent again: one of the first that are. */
static bool stands_out(const struct wt_connection *c, const struct wt_quic_packet_seen *p)
{
    const struct wt_quic_story *q = c->quic;
    for (size_t i = 0; i < q->resent_count && i < AGAIN; i++) {
        const struct wt_quic_resent *r = &q->resent[i];
        if (is_same_packet(p, r->from, r->type, r->number) ||
            (r->lost && is_same_packet(p, r->from, r->first_type, r->first_number)))
            return true;
    }
    return false;
}

static bool is_data(const struct wt_connection *c, const struct wt_quic_packet_seen *p, size_t at)
{
    if (!is_1rtt(p) || message_of(c, p, &at))
        return false;
    for (size_t i = 0; i < p->frame_count; i++)
        if (!is_one_of(p->frames[i], data_frames))
            return false;
    return true;
}

/* Packets of nothing but data from here on: so many. */
static size_t data_ahead(const struct wt_ladder *l)
{
    const struct wt_quic_story *q = l->c->quic;
    size_t i = l->next;
    while (i < q->packet_list_count && q->packet_list[i].opened == q->packet_list[l->next].opened &&
           is_data(l->c, &q->packet_list[i], l->message) && !stands_out(l->c, &q->packet_list[i]))
        i++;
    return i - l->next;
}

void wt_ladder_start(struct wt_ladder *l, const struct wt_connection *c)
{
    *l = (struct wt_ladder){.c = c};
}

/* A sum of n packets. */
static void sum_up(struct wt_ladder *l, struct wt_rung *rung, size_t n)
{
    const struct wt_quic_packet_seen *list = l->c->quic->packet_list;
    for (size_t i = 0; i < n; i++, l->next++) {
        const unsigned side = list[l->next].from & 1;
        rung->packets[side]++;
        rung->last_number[side] = list[l->next].number;
    }
    rung->both = rung->packets[0] && rung->packets[1];
}

bool wt_ladder_next(struct wt_ladder *l, struct wt_rung *rung)
{
    const struct wt_quic_story *q = l->c->quic;
    if (l->next >= q->packet_list_count)
        return false;
    const struct wt_quic_packet_seen *p = &q->packet_list[l->next];
    *rung = (struct wt_rung){.packet = p, .begins = !l->inside, .ends = true};
    while (l->message < l->c->message_count && l->c->messages[l->message].frame < p->frame)
        l->message++;
    if (is_data(l->c, p, l->message)) {
        const bool alone = stands_out(l->c, p);
        const size_t ahead = !alone && ++l->runs >= SHOWN ? data_ahead(l) : 0;
        if (ahead > 2)
            sum_up(l, rung, ahead - 1); /* the last stands for itself */
        else
            l->next++;
        return true;
    }
    l->runs = 0;
    size_t at = l->message;
    rung->message = message_of(l->c, p, &at);
    if (rung->message) {
        l->message = ++at;
        l->inside = message_of(l->c, p, &at);
    }
    rung->ends = !rung->message || !l->inside;
    l->next += rung->ends;
    l->inside = !rung->ends;
    return true;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

static const char *type_name(const char *id)
{
    for (unsigned i = 0; i < WT_QUIC_PACKETS; i++)
        if (strcmp(wt_quic_packet_id((enum wt_quic_packet)i), id) == 0)
            return wt_quic_packet_name((enum wt_quic_packet)i);
    return id;
}

static const char *name_of(const struct wt_quic_packet_seen *p)
{
    return type_name(p->type);
}

/* "ACK", "MAX_STREAM_DATA": as the RFCs write them. */
static void add_upper(struct wt_buffer *b, const char *name)
{
    for (; *name; name++)
        wt_buffer_add_char(b, (char)toupper((unsigned char)*name));
}

/* Each kind once, in the order of the packet: "STREAM × 3, ACK". Without what is told elsewhere. */
static void add_frames(struct wt_buffer *b, const struct wt_quic_packet_seen *p, bool crypto_told, size_t columns)
{
    unsigned told = 0;
    for (size_t i = 0; i < p->frame_count; i++) {
        const char *name = p->frames[i];
        size_t again = 0, times = 0;
        for (size_t k = 0; k < p->frame_count; k++) {
            const bool same = strcmp(p->frames[k], name) == 0;
            again += same && k < i;
            times += same;
        }
        const bool silent =
            (crypto_told && strcmp(name, "crypto") == 0) || (p->frame_count > times && strcmp(name, "padding") == 0);
        if (again || silent)
            continue;
        const size_t size = strlen(name) + (times > 1 ? sizeof " × 100" : 0) + sizeof ", …";
        if (told++)
            (void)wt_buffer_add_text(b, ", ");
        if (told > 1 && b->n + size > columns) {
            (void)wt_buffer_add_text(b, "…");
            return;
        }
        add_upper(b, name);
        if (times > 1 && strcmp(name, "padding") != 0)
            (void)wt_buffer_format(b, " × %zu", times);
    }
}

const char *wt_ladder_label(struct wt_text *x, const struct wt_rung *rung, size_t columns, char *room, size_t size)
{
    const struct wt_quic_packet_seen *p = rung->packet;
    struct wt_buffer b = {0};
    if (rung->begins) {
        (void)wt_buffer_add_text(&b, name_of(p));
        if (rung->packets[0] + rung->packets[1])
            (void)wt_buffer_format(&b, " × %zu", rung->packets[0] + rung->packets[1]);
        else if (p->opened && strcmp(p->type, "retry") != 0)
            (void)wt_buffer_format(&b, " %" PRIu64, p->number);
    }
    const size_t head = b.n;
    if (rung->message) {
        (void)wt_buffer_format(&b, "%s%s", head ? ": " : "", wt_text_message(x, rung->message));
    } else if (p->frame_count && !(rung->packets[0] + rung->packets[1])) {
        (void)wt_buffer_add_text(&b, ": ");
        add_frames(&b, p, false, columns);
    }
    (void)snprintf(room, size, "%.*s", (int)b.n, b.p ? (const char *)b.p : "");
    wt_buffer_free(&b);
    return room;
}

static void close_words(struct wt_text *x, const struct wt_quic_packet_seen *p)
{
    const struct wt_quic_story *q = x->c->quic;
    for (size_t i = 0; i < q->close_count; i++) {
        const struct wt_quic_close_seen *c = &q->closes[i];
        if (c->frame != p->frame || c->from != p->from)
            continue;
        wt_text_quic_close(x, c);
        return;
    }
}

/* The client, or its NAT, has moved: the first datagram that goes another way. */
static void path_words(struct wt_text *x, const struct wt_quic_packet_seen *p)
{
    const struct wt_quic_story *q = x->c->quic;
    for (size_t i = 1; i < q->path_count; i++)
        if (q->paths[i].first_frame == p->frame)
            wt_words_add(x, _("on a new path: %s to %s"), wt_text_address(x, &q->paths[i].client),
                         wt_text_address(x, &q->paths[i].server));
    for (size_t i = 0; i < q->path_count; i++)
        for (unsigned side = 0; side < 2; side++) {
            char room[48];
            if (q->paths[i].response_frame[side] == p->frame && q->paths[i].challenge_frame[side])
                wt_words_add(x, _("answers the PATH_CHALLENGE of packet %" PRIu32 " after %s"),
                             q->paths[i].challenge_frame[side], wt_duration(room, q->paths[i].validated_in[side]));
        }
}

static void version_words(struct wt_text *x)
{
    const struct wt_quic_story *q = x->c->quic;
    struct wt_buffer b = {0};
    for (size_t i = 0; i < q->versions_offered_count; i++)
        (void)wt_buffer_format(&b, "%s%s", i ? ", " : "", wt_text_name(x, WT_REG_QUIC_VERSION, q->versions_offered[i]));
    if (b.n)
        wt_words_add(x, _("the server has %.*s"), (int)b.n, (const char *)b.p);
    wt_buffer_free(&b);
}

/* What else is in a packet whose messages are told. */
static void rest_words(struct wt_text *x, const struct wt_quic_packet_seen *p)
{
    struct wt_buffer b = {0};
    add_frames(&b, p, true, SIZE_MAX);
    if (b.n)
        wt_words_add(x, _("with %.*s"), (int)b.n, (const char *)b.p);
    wt_buffer_free(&b);
}

/* The client's first packet behind a Retry, which has the ClientHello once more (RFC 9000, 17.2.5.2). */
static bool begins_again(const struct wt_connection *c, const struct wt_quic_packet_seen *p)
{
    const struct wt_quic_packet_seen *list = c->quic->packet_list, *before = p;
    if (p->from != WT_CLIENT || strcmp(p->type, "initial") != 0 || !c->quic->retry)
        return false;
    while (before > list && strcmp((--before)->type, "retry") != 0)
        if (before->from == WT_CLIENT)
            return false;
    return before < p && strcmp(before->type, "retry") == 0;
}

/* "CRYPTO 0–1199 sent again of Initial 0", "acknowledged after 41 ms". */
static void again_words(struct wt_text *x, const struct wt_quic_resent *r)
{
    const uint64_t last = r->offset + r->length - 1;
    char room[48];
    if (r->unseen && r->crypto)
        wt_words_add(x, _("sent again of a packet that never came: CRYPTO %" PRIu64 "–%" PRIu64), r->offset, last);
    else if (r->unseen)
        wt_words_add(x, _("sent again of a packet that never came: STREAM %" PRIu64 ", %" PRIu64 "–%" PRIu64),
                     r->stream_id, r->offset, last);
    else if (r->crypto)
        wt_words_add(x, _("sent again of %s %" PRIu64 ": CRYPTO %" PRIu64 "–%" PRIu64), type_name(r->first_type),
                     r->first_number, r->offset, last);
    else
        wt_words_add(x, _("sent again of %s %" PRIu64 ": STREAM %" PRIu64 ", %" PRIu64 "–%" PRIu64),
                     type_name(r->first_type), r->first_number, r->stream_id, r->offset, last);
    if (r->first_arrived && !r->first_acknowledged)
        wt_words_add(x, "%s", _("which had been acknowledged by then"));
    else if (r->first_arrived)
        wt_words_add(x, _("which had arrived (acknowledged in packet %" PRIu32 ")"), r->first_acknowledged);
    if (r->acknowledged)
        wt_words_add(x, _("acknowledged after %s"), wt_duration(room, r->acknowledged_in));
}

static void loss_words(struct wt_text *x, const struct wt_quic_packet_seen *p)
{
    const struct wt_quic_story *q = x->c->quic;
    for (size_t i = 0; i < q->gap_count; i++) {
        const struct wt_quic_gap_seen *g = &q->gaps[i];
        const uint32_t lost = g->missing - g->acknowledged;
        if (g->frame != p->frame || !is_same_packet(p, g->from, g->type, g->last + 1))
            continue;
        if (g->acknowledged)
            wt_words_add(x,
                         ngettext_("%" PRIu32 " packet before it is not in the capture, but was acknowledged",
                                   "%" PRIu32 " packets before it are not in the capture, but were acknowledged",
                                   g->acknowledged),
                         g->acknowledged);
        if (lost && g->again)
            wt_words_add(x,
                         ngettext_("%" PRIu32 " packet before it was lost before the capture",
                                   "%" PRIu32 " packets before it were lost before the capture", lost),
                         lost);
        else if (lost)
            wt_words_add(x,
                         ngettext_("%" PRIu32 " packet number before it never came: lost, or left out",
                                   "%" PRIu32 " packet numbers before it never came: lost, or left out", lost),
                         lost);
    }
    for (size_t i = 0, told = 0; i < q->resent_count; i++) {
        const struct wt_quic_resent *r = &q->resent[i];
        if (r->lost && !told && is_same_packet(p, r->from, r->first_type, r->first_number)) {
            wt_words_add(x, _("lost: sent again in %s %" PRIu64), type_name(r->type), r->number);
            told++;
        }
        if (r->frame == p->frame && is_same_packet(p, r->from, r->type, r->number))
            again_words(x, r);
    }
}

static void packet_words(struct wt_text *x, const struct wt_quic_packet_seen *p)
{
    if (strcmp(p->type, "retry") == 0)
        wt_words_add(x, "%s",
                     x->c->quic->retry || x->c->quic->retry_tag.result != WT_PROOF_BAD
                         ? _("asks the client to prove its address: it is to begin again with a token")
                         : _("its integrity tag does not hold: the client discards it"));
    else if (strcmp(p->type, "version_negotiation") == 0)
        version_words(x);
    else if (!p->opened && x->c->decryption != WT_DECRYPTION_NONE) /* else the head has said so for all */
        wt_words_add(x, "%s", _("not decrypted"));
    else if (begins_again(x->c, p))
        wt_words_add(x, "%s", _("begins again, with the token"));
    loss_words(x, p);
    close_words(x, p);
    path_words(x, p);
}

static void run_words(struct wt_text *x, const struct wt_rung *rung)
{
    const size_t client = rung->packets[WT_CLIENT], server = rung->packets[WT_SERVER];
    if (client)
        wt_words_add(x, ngettext_("%zu packet from the client", "%zu packets from the client", client), client);
    if (server)
        wt_words_add(x, ngettext_("%zu packet from the server", "%zu packets from the server", server), server);
}

const char *wt_ladder_remark(struct wt_text *x, const struct wt_rung *rung)
{
    wt_words_clear(x);
    if (rung->message) {
        const struct wt_row row = {.kind = WT_ROW_MESSAGE,
                                   .from = rung->message->from & 1,
                                   .first = (size_t)(rung->message - x->c->messages),
                                   .count = 1};
        (void)wt_text_remark(x, &row);
    }
    if (rung->packets[0] + rung->packets[1])
        run_words(x, rung);
    else if (rung->begins)
        packet_words(x, rung->packet);
    if (rung->message && rung->ends)
        rest_words(x, rung->packet);
    return x->words.n ? wt_words_get(x) : NULL;
}

const char *wt_ladder_packet_remark(struct wt_text *x, const struct wt_quic_packet_seen *packet)
{
    wt_words_clear(x);
    packet_words(x, packet);
    return x->words.n ? wt_words_get(x) : NULL;
}
