#include "endpoint/early.h"

#include "base/memory.h"
#include "endpoint/failure.h"
#include "endpoint/messages.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/secrets.h"

/* --- client ------------------------------------------------------------------------------------------------------- */

/* RFC 8446, 4.2.10: "the first PSK listed in the client's "pre_shared_key" extension" is what they are under; 4.1.2:
 * not in the hello after a HelloRetryRequest. */
bool wt_early_offers(struct wt_endpoint *e)
{
    struct wt_exchanging *x = e->x;
    const uint32_t most = e->party->o.early_data < WT_LIMIT_WAITING ? e->party->o.early_data : WT_LIMIT_WAITING;
    x->early.offered = e->side == WT_CLIENT && x->offered_session && !e->retried && most && x->session.early;
    x->early.room = x->early.offered ? (most < x->session.early ? most : x->session.early) : 0;
    return x->early.offered;
}

/* RFC 8446, D.4: "If offering early data, the record is placed immediately after the first ClientHello." */
bool wt_early_start(struct wt_endpoint *e)
{
    if (e->side != WT_CLIENT)
        return true;
    if (!e->party->o.without_compatibility && !e->ccs_sent) {
        e->ccs_sent = true;
        if (!wt_endpoint_send_ccs(e))
            return false;
    }
    return wt_endpoint_early_keys(e);
}

static bool is_open(const struct wt_endpoint *e)
{
    return e->x && e->x->early.offered && !e->h.agreed.chosen.seen && !e->h.agreed.retry.seen;
}

/* A copy stays until the server has said whether it accepts it. */
bool wt_early_send(struct wt_endpoint *e)
{
    if (!is_open(e))
        return true;
    struct wt_early *early = &e->x->early;
    const struct wt_span data = wt_span_cut(wt_buffer_span(&e->waiting), early->sent, early->room - early->sent);
    early->sent += data.n;
    e->early_sent += (uint32_t)data.n;
    return !data.n || wt_endpoint_send(e, WT_CONTENT_APPLICATION_DATA, data);
}

/* RFC 8446, 4.2.10: a HelloRetryRequest is no acceptance, and the second hello goes in the clear. */
void wt_early_stop(struct wt_endpoint *e)
{
    if (!e->x->early.offered)
        return;
    wt_record_protector_free(e->seal);
    e->seal = NULL;
    e->x->early = (struct wt_early){.sent = e->x->early.sent};
}

static bool has_protocol(const struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    return wt_span_equal(wt_span_of(c->alpn, c->alpn_length), e->x->session.alpn);
}

/* RFC 8446, 4.2.10: "A TLS implementation SHOULD NOT automatically resend early data; applications are in a better
 * position to decide when retransmission is appropriate. A TLS implementation MUST NOT automatically resend early data
 * unless the negotiated connection selects the same ALPN protocol." */
static bool is_sent_again(const struct wt_endpoint *e)
{
    return !e->early_accepted && e->party->o.early_data_again && has_protocol(e);
}

/* RFC 8446, 4.2.10: with another suite or protocol than the session's the server MUST NOT accept them. */
bool wt_early_settle(struct wt_endpoint *e)
{
    struct wt_early *early = &e->x->early;
    const struct wt_chosen *c = &e->h.agreed.chosen;
    e->early_accepted = early->offered && c->early_data == WT_EARLY_ACCEPTED;
    if (e->early_accepted && !(c->suite == e->x->session.suite && has_protocol(e) && e->resumed))
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    if (early->sent && !is_sent_again(e)) {
        wt_wipe(e->waiting.p, early->sent);
        wt_buffer_drop(&e->waiting, early->sent);
    }
    early->sent = 0;
    return true;
}

/* RFC 8446, 4.5: "If the server sent an "early_data" extension in EncryptedExtensions, the client MUST send an
 * EndOfEarlyData message after receiving the server Finished." */
bool wt_early_say_end(struct wt_endpoint *e)
{
    const struct wt_message_body m = {.type = WT_HANDSHAKE_END_OF_EARLY_DATA};
    return !e->early_accepted || wt_endpoint_say(e, &m);
}

/* --- server ------------------------------------------------------------------------------------------------------- */

enum { WAYS = 4 };

bool wt_strikes_take(struct wt_strikes *s, const uint8_t id[WT_TICKET_NONCE], int64_t now_ms, int64_t until)
{
    if (!s->slots && !(s->slots = wt_calloc(WT_LIMIT_EARLY_STRIKES, sizeof *s->slots)))
        return false;
    struct wt_strike *set = s->slots + (size_t)(wt_get32(id) % (WT_LIMIT_EARLY_STRIKES / WAYS)) * WAYS, *free = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].until < now_ms)
            free = &set[i];
        else if (!memcmp(set[i].id, id, sizeof set[i].id))
            return false;
    }
    if (!free)
        return false;
    memcpy(free->id, id, sizeof free->id);
    free->until = until;
    return true;
}

static int64_t window_of(const struct wt_party *p)
{
    return p->o.early_window ? 1000 * (int64_t)p->o.early_window : WT_LIMIT_EARLY_WINDOW_MS;
}

/* RFC 8446, 8.3: "expected_arrival_time = adjusted_creation_time + clients_ticket_age" */
static int64_t expected(const struct wt_session *s, uint32_t age)
{
    return s->made + (uint32_t)(age - s->age_add);
}

void wt_early_note_age(struct wt_endpoint *e, uint32_t age)
{
    e->ticket_age_skew = (int32_t)((expected(&e->x->session, age) - e->now_ms) / 1000);
}

/* RFC 8446, 8.3: "When a new ClientHello is received, the expected_arrival_time is then compared against the current
 * server wall clock time and if they differ by more than a certain amount, 0-RTT is rejected, though the 1-RTT
 * handshake can be allowed to complete." The round trip that it would add is far below the window. 8.2: "When
 * implementations are freshly started, they SHOULD reject 0-RTT as long as any portion of their recording window
 * overlaps the startup time. Otherwise, they run the risk of accepting replays which were originally sent during that
 * period.": so servers that share tickets; those of one that does not are new with it. */
static bool is_fresh(const struct wt_endpoint *e, int64_t sent)
{
    const struct wt_party *p = e->party;
    const int64_t off = sent > e->now_ms ? sent - e->now_ms : e->now_ms - sent, most = window_of(p);
    return off <= most && (!p->tickets.shared || sent > p->strikes.since + most);
}

/* RFC 8446, 4.2.10: the first PSK, of the same version, suite and protocol; 8.1: each ticket once. */
void wt_early_choose(struct wt_endpoint *e, struct wt_span ticket, uint32_t age)
{
    struct wt_exchanging *x = e->x;
    const struct wt_session *s = &x->session;
    const int64_t sent = expected(s, age);
    if (!e->party->o.early_data || !s->early || e->retried || x->suite != s->suite ||
        wt_agreed_offers(&e->h.agreed, WT_EXT_EARLY_DATA, NULL) != WT_IS || !is_fresh(e, sent) ||
        !wt_strikes_take(&e->party->strikes, ticket.p + WT_TICKET_NAME, e->now_ms, sent + window_of(e->party)))
        return;
    e->early_accepted = x->early.open = true;
    x->early.room = e->party->o.early_data;
}

/* RFC 8446, 4.6.1: "A server receiving more than max_early_data_size bytes of 0-RTT data SHOULD terminate the
 * connection with an "unexpected_message" alert." */
bool wt_early_takes(struct wt_endpoint *e, size_t n)
{
    struct wt_early *early = e->x ? &e->x->early : NULL;
    if (!early || !early->open)
        return wt_endpoint_fail(e, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    if (n > early->room)
        return wt_endpoint_too_much(e, WT_EXCESS_EARLY_DATA, e->party->o.early_data);
    early->room -= (uint32_t)n;
    return true;
}

/* RFC 8446, 4.2.10: a server that does not accept them skips past them: "by attempting to deprotect received records
 * using the handshake traffic key, discarding records which fail deprotection (up to the configured
 * max_early_data_size)", or, after a HelloRetryRequest, "by skipping all records with an external content type of
 * "application_data"". */
bool wt_early_skips(struct wt_endpoint *e, uint8_t type, size_t n)
{
    struct wt_early *early = e->x ? &e->x->early : NULL;
    if (e->side != WT_SERVER || !early || type != WT_CONTENT_APPLICATION_DATA || n > early->skip)
        return false;
    early->skip -= (uint32_t)n;
    return true;
}
