#include "report/json/tcp.h"

#include "report/json/json.h"
#include "report/json/memo.h"
#include "story/words.h"

static inline void seconds(struct wt_json *j, const char *key, int64_t ns)
{
    if (!ns)
        return;
    wt_json_key_word(j, key);
    wt_json_seconds(j, ns, 6);
}

static inline void seconds_of_sides(struct wt_json *j, const char *key, const int64_t ns[2])
{
    if (!ns[0] && !ns[1])
        return;
    wt_json_key_word(j, key);
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        if (!ns[side])
            continue;
        wt_json_key_side(j, side);
        wt_json_seconds(j, ns[side], 6);
    }
    wt_json_close(j, '}');
}

static inline void counts_of_sides(struct wt_json *j, const char *key, const uint32_t n[2])
{
    if (!n[0] && !n[1])
        return;
    wt_json_key_word(j, key);
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        if (!n[side])
            continue;
        wt_json_key_side(j, side);
        wt_json_number(j, n[side]);
    }
    wt_json_close(j, '}');
}

/* Most connections to a server have the same. */
static void hop_limits(struct wt_json *j, const struct wt_tcp_seen *t)
{
    const struct wt_json_memo_key known = {
        .of = WT_JSON_MEMO_HOPS,
        .more = {(uint64_t)t->hop_limit_seen[0] | (uint64_t)t->hop_limit_seen[1] << 1,
                 (uint64_t)t->hop_limit[0] | (uint64_t)t->hop_limit[1] << 32}};
    if (!known.more[0] || wt_json_memo_write(j, &known))
        return;
    const size_t start = wt_json_memo_begin(j);
    wt_json_key(j, "hop_limit");
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        if (!t->hop_limit_seen[side])
            continue;
        wt_json_key_side(j, side);
        wt_json_number(j, t->hop_limit[side]);
    }
    wt_json_close(j, '}');
    wt_json_memo_end(j, &known, start);
}

static void silence(struct wt_json *j, const struct wt_tcp_seen *t)
{
    if (!t->silence)
        return;
    wt_json_key(j, "silence");
    wt_json_open(j, '{');
    seconds(j, "seconds", t->silence);
    wt_json_key(j, "start");
    wt_json_time(j, t->silence_start);
    wt_json_member_number(j, "frame", t->silence_frame);
    wt_json_member_word(j, "ended_by", wt_words_side(t->silence_by));
    wt_json_close(j, '}');
}

static void reset(struct wt_json *j, const struct wt_tcp_seen *t)
{
    if (!t->reset_frame)
        return;
    wt_json_key(j, "reset");
    wt_json_open(j, '{');
    wt_json_member_number(j, "frame", t->reset_frame);
    wt_json_key(j, "from");
    wt_json_side(j, t->reset_from);
    wt_json_member_number(j, "hop_limit", t->reset_hop_limit);
    if (t->reset_answer_frame)
        wt_json_member_number(j, "data_afterwards", t->reset_answer_frame);
    wt_json_close(j, '}');
}

static void icmp(struct wt_json *j, const struct wt_tcp_seen *t)
{
    char text[46];
    if (!t->icmp_count)
        return;
    wt_json_key(j, "icmp");
    wt_json_open(j, '[');
    for (size_t i = 0; i < t->icmp_count; i++) {
        const struct wt_icmp_seen *e = &t->icmp[i];
        wt_json_open(j, '{');
        wt_json_member_number(j, "frame", e->frame);
        wt_json_member_text(j, "sender", wt_address_format(&e->sender, text));
        wt_json_member_text(j, "protocol", e->v6 ? "icmpv6" : "icmp");
        wt_json_member_number(j, "type", e->type);
        wt_json_member_number(j, "code", e->code);
        if (e->mtu)
            wt_json_member_number(j, "mtu", e->mtu);
        wt_json_member_word(j, "about", wt_words_side(e->about));
        wt_json_member_number(j, "count", e->count);
        if (e->ignored)
            wt_json_member_number(j, "ignored", e->ignored);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
}

void wt_json_tcp(struct wt_json *j, const struct wt_connection *c)
{
    const struct wt_tcp_seen *t = &c->tcp;
    if (!t->hop_limit_seen[0] && !t->hop_limit_seen[1])
        return; /* there were no packets */
    wt_json_key(j, "tcp");
    wt_json_open(j, '{');
    seconds(j, "connect", t->connect);
    seconds_of_sides(j, "round_trip", t->round_trip);
    hop_limits(j, t);
    counts_of_sides(j, "retransmissions", t->retransmissions);
    seconds(j, "retransmission_time", t->retransmission_time);
    counts_of_sides(j, "unanswered", t->unanswered);
    silence(j, t);
    seconds_of_sides(j, "window_closed", t->window_closed);
    reset(j, t);
    icmp(j, t);
    wt_json_close(j, '}');
}
