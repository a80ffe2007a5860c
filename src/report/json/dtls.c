#include "report/json/dtls.h"

#include "report/json/json.h"
#include "report/json/places.h"
#include "report/json/trail.h"
#include "story/words.h"
#include "wiretale/dtls.h"

/* [frame, from, epoch, sequence_number, content_type, length], as far as they are known. */
static void record(struct wt_json *j, const struct wt_dtls_record_seen *r)
{
    wt_json_open(j, '[');
    wt_json_number(j, r->frame);
    wt_json_word(j, wt_words_side(r->from));
    if (r->numbered) {
        wt_json_number(j, r->epoch);
        wt_json_number(j, r->sequence);
    } else {
        wt_json_null(j);
        wt_json_null(j);
    }
    if (r->type)
        wt_json_name(j, WT_REG_CONTENT_TYPE, r->type);
    else
        wt_json_null(j);
    wt_json_number(j, r->length);
    wt_json_close(j, ']');
}

static void records(struct wt_json *j, const struct wt_dtls_story *d)
{
    wt_json_key(j, "record_list");
    wt_json_open(j, '[');
    for (size_t i = 0; i < d->list_count; i++)
        record(j, &d->list[i]);
    wt_json_close(j, ']');
}

void wt_json_dtls_records(struct wt_json *j, const struct wt_dtls_story *d)
{
    for (size_t i = 0; i < d->list_count; i++) {
        const struct wt_dtls_record_seen *r = &d->list[i];
        const struct wt_stream_place place = {r->offset, r->sent, r->frame};
        wt_json_open(j, '{');
        wt_json_member_word(j, "from", wt_words_side(r->from));
        wt_json_member_number(j, "number", r->number);
        wt_json_member_number(j, "offset", r->offset);
        if (r->type) {
            wt_json_key(j, "content_type");
            wt_json_name(j, WT_REG_CONTENT_TYPE, r->type);
        }
        if (r->numbered) {
            wt_json_member_number(j, "epoch", r->epoch);
            wt_json_member_number(j, "sequence_number", r->sequence);
        }
        wt_json_member_number(j, "length", r->length);
        wt_json_member_flag(j, "opened", r->opened);
        wt_json_member_flag(j, "again", r->again);
        wt_json_places(j, &place, 1);
        wt_json_close(j, '}');
    }
}

/* What else had the port. */
static void shared(struct wt_json *j, const struct wt_dtls_story *d)
{
    static const char *const names[WT_DTLS_SHARED_COUNT] = {
        [WT_DTLS_STUN] = "stun",   [WT_DTLS_TURN_CHANNEL] = "turn_channel",
        [WT_DTLS_ZRTP] = "zrtp",   [WT_DTLS_RTP] = "srtp",
        [WT_DTLS_OTHER] = "other",
    };
    uint64_t all = 0;
    for (size_t i = 0; i < WT_DTLS_SHARED_COUNT; i++)
        all += d->shared[i];
    if (!all)
        return;
    wt_json_key(j, "shared_port");
    wt_json_open(j, '{');
    for (size_t i = 0; i < WT_DTLS_SHARED_COUNT; i++) {
        if (!d->shared[i])
            continue;
        wt_json_key_word(j, names[i]);
        wt_json_number(j, d->shared[i]);
    }
    wt_json_close(j, '}');
}

void wt_json_dtls(struct wt_json *j, const struct wt_connection *c, bool list)
{
    const struct wt_dtls_story *d = c->dtls;
    if (!d)
        return;
    wt_json_key(j, "dtls");
    wt_json_open(j, '{');
    wt_json_key(j, "records");
    wt_json_number(j, d->records);
    wt_json_key(j, "fragments");
    wt_json_number(j, d->fragments);
    wt_json_key(j, "retransmissions");
    wt_json_number(j, d->retransmissions);
    if (d->replays)
        wt_json_member_number(j, "replays", d->replays);
    if (d->cookie.n)
        wt_json_bytes(j, "cookie", d->cookie);
    if (d->has_client_cid)
        wt_json_bytes(j, "client_cid", d->client_cid);
    if (d->has_server_cid)
        wt_json_bytes(j, "server_cid", d->server_cid);
    if (d->moves)
        wt_json_member_number(j, "moves", d->moves);
    if (d->srtp_profile) {
        wt_json_key(j, "srtp_profile");
        wt_json_name(j, WT_REG_SRTP_PROFILE, d->srtp_profile);
    }
    shared(j, d);
    if (list)
        records(j, d);
    wt_json_close(j, '}');
    wt_json_member_word(j, "inside", d->inside);
}

void wt_json_dtls_message(struct wt_json *j, const struct wt_message *m)
{
    wt_json_key(j, "epoch");
    wt_json_number(j, m->epoch);
    if (!(m->flags & WT_MESSAGE_SEQUENCE))
        return;
    wt_json_key(j, "message_seq");
    wt_json_number(j, m->message_seq);
}
