#include "observer/dtls/content.h"

#include "observer/dtls/fragments.h"
#include "observer/dtls/inside.h"
#include "observer/dtls/repeats.h"
#include "observer/facts.h"
#include "observer/keys/opener.h"
#include "observer/records.h"

enum { TRAFFIC = 3 }; /* RFC 9147, 6.1: the epoch of the first application traffic keys */

static struct wt_seat seat_of(const struct wt_dtls_reading *r)
{
    return (struct wt_seat){.o = r->o,
                            .c = r->c,
                            .direction = r->direction,
                            .from = r->from,
                            .flags = r->opened ? WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED : 0};
}

/* A record as a message of its own. */
static struct wt_message *log_as(const struct wt_dtls_reading *r, uint8_t type, unsigned flags, struct wt_span body)
{
    struct wt_seat s = seat_of(r);
    struct wt_record record = r->record;
    record.type = type;
    return wt_records_log(&s, &record, flags, body);
}

/* Data come behind the handshake's end: what is missing of that may not come any more. */
static void end_of_waiting(struct wt_dtls_reading *r)
{
    if ((r->dtls->way[0].parts || r->dtls->way[1].parts) && r->epoch)
        r->dtls->late++;
}

/* RFC 9147, 6.1: what is in epoch 3 comes from a side that has sent its Finished. */
static void traffic13(struct wt_dtls_reading *r)
{
    if (r->epoch < TRAFFIC)
        return;
    r->tls->side[r->from].flags |= WT_SIDE_FINISHED;
    wt_outcome_finished(r->o, r->c);
}

/* RFC 5246, 7.4.9: "Once a side has sent its Finished message and received and validated the Finished message from its
 * peer, it may begin to send and receive application data over the connection." RFC 7918 lets a client begin before it
 * has received the server's. */
static void data12(struct wt_dtls_reading *r)
{
    struct wt_tls *tls = r->tls;
    if (!r->epoch || !(tls->flow.facts & (WT_FACT_CLIENT_HELLO | WT_FACT_SERVER_HELLO)))
        return;
    tls->side[WT_CLIENT].flags |= WT_SIDE_FINISHED;
    if (r->from == WT_SERVER)
        tls->side[WT_SERVER].flags |= WT_SIDE_FINISHED;
}

static void application_data(struct wt_dtls_reading *r)
{
    struct wt_tls_side *side = &r->tls->side[r->from];
    end_of_waiting(r);
    if (!wt_tls_is_13(r->tls))
        data12(r);
    side->data.records++;
    side->data.bytes += r->record.length;
    struct wt_message *m = log_as(r, WT_CONTENT_APPLICATION_DATA, 0, (struct wt_span){0});
    if (m)
        m->plaintext_length = (uint32_t)r->text.n;
    if (!r->opened)
        return;
    wt_dtls_inside_look(r->dtls, r->text);
    wt_opener_plaintext(r->o, r->c, r->from, r->text);
}

/* RFC 6347, 4.2.4: with its flight it is sent again, in a record of its own, as it has no message_seq: that this
 * handshake has one is what tells a repeat. */
static void change_cipher_spec(struct wt_dtls_reading *r)
{
    const bool again = r->way->changed || r->epoch < r->way->base;
    struct wt_message *m = log_as(r, r->type, 0, r->text);
    if (m && again)
        m->flags |= WT_MESSAGE_REPEATED;
    if (again)
        return;
    r->way->changed = true;
    wt_dtls_fragments_change(r);
}

/* ACK (RFC 9147, 7), heartbeats, address checks: told as records. */
static void other(struct wt_dtls_reading *r)
{
    if (r->type == WT_CONTENT_HEARTBEAT)
        wt_facts_heartbeat(r->o, r->tls, r->from, r->text, (uint32_t)r->text.n);
    const bool typed = r->type == WT_CONTENT_HEARTBEAT && r->text.n;
    struct wt_message *m = log_as(r, r->type, typed ? WT_MESSAGE_TYPED : 0, r->text);
    if (m && typed)
        m->type = r->text.p[0];
}

void wt_dtls_content_take(struct wt_dtls_reading *r)
{
    struct wt_seat s = seat_of(r);
    struct wt_record record = r->record;
    record.type = r->type;
    if (wt_tls_is_13(r->tls) && r->opened) {
        traffic13(r);
        wt_outcome_opened_record(r->o, r->c, r->from, r->type, r->text);
    }
    switch (r->type) {
    case WT_CONTENT_HANDSHAKE:
        wt_dtls_fragments_take(r);
        break;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        change_cipher_spec(r);
        break;
    case WT_CONTENT_ALERT:
        wt_records_alert(&s, &record, r->text);
        break;
    case WT_CONTENT_APPLICATION_DATA:
        application_data(r);
        break;
    default:
        other(r);
    }
}

/* Up to 1.2 the first handshake record under the next epoch's keys is Finished, by its place; of the others those of
 * its length are it, sent again, and longer or shorter ones begin a renegotiation. */
static void hidden_handshake(struct wt_dtls_reading *r)
{
    struct wt_tls *tls = r->tls;
    const bool again = r->way->finished && r->record.length == r->way->finished_length;
    (void)log_as(r, WT_CONTENT_HANDSHAKE, WT_MESSAGE_ENCRYPTED | (again ? WT_MESSAGE_REPEATED : 0),
                 (struct wt_span){0});
    if (again)
        wt_dtls_repeats_hidden(r);
    if (r->way->finished)
        return;
    wt_dtls_repeats_new(r);
    wt_dtls_fragments_step(r);
    r->way->finished = true;
    r->way->finished_length = r->record.length;
    wt_facts_hidden_handshake(r->o, tls, r->from);
    (void)wt_flow_step(&tls->flow, r->from, WT_FLOW_HIDDEN, 0, WT_FLOW_LENIENT, NULL);
    tls->side[r->from].flags |= WT_SIDE_FINISHED;
    wt_outcome_finished(r->o, r->c);
    if (!tls->outcome.ready_ns)
        return;
    wt_proofs_settle(r->o, r->c, false);
    const bool whole = wt_flow_has(&tls->flow, WT_FACT_SERVER_DONE) || wt_flow_has(&tls->flow, WT_FACT_RESUMED);
    if (whole && !r->dtls->way[0].parts && !r->dtls->way[1].parts && !tls->keys && !wt_keyring_awaited(r->o))
        wt_tls_end_handshake(tls);
}

static void hidden13(struct wt_dtls_reading *r)
{
    struct wt_tls *tls = r->tls;
    struct wt_tls_side *side = &tls->side[r->from];
    side->hidden++;
    side->hidden_frame = r->o->frame;
    (void)log_as(r, WT_CONTENT_APPLICATION_DATA, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
    if (r->epoch == TRAFFIC) {
        side->data.records++;
        side->data.bytes += r->record.length;
    }
    /* the server's tells that the client's Finished has come, once that was sent */
    if (r->epoch >= TRAFFIC && r->from == WT_SERVER && tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED)
        tls->outcome.after |= WT_AFTER_SERVER_DATA;
    traffic13(r);
}

void wt_dtls_content_hidden(struct wt_dtls_reading *r)
{
    struct wt_seat s = seat_of(r);
    if (r->header.unified) {
        hidden13(r);
        return;
    }
    switch (r->type) {
    case WT_CONTENT_HANDSHAKE:
        hidden_handshake(r);
        break;
    case WT_CONTENT_ALERT:
        wt_records_hidden_alert(&s);
        (void)log_as(r, r->type, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
        break;
    case WT_CONTENT_APPLICATION_DATA:
        end_of_waiting(r);
        data12(r);
        r->tls->side[r->from].data.records++;
        r->tls->side[r->from].data.bytes += r->record.length;
        /* fall through */
    default:
        (void)log_as(r, r->type, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
    }
}
