#include "observer/breaches.h"

#include "base/uninitialized.h"
#include "handshake/rules.h"
#include "observer/dtls/dtls.h"
#include "observer/facts.h"
#include "observer/state.h"
#include "wording/handshake.h"

/* --- findings ----------------------------------------------------------------------------------------------------- */

/* A breach's finding keeps in its numbers which rule it is (from 1 on) and the value that breaks it. */
static enum wt_finding_id row_of(const struct wt_breach *b)
{
    return b->rule == WT_RULE_SERVER_DOWNGRADE ? WT_FINDING_DOWNGRADE_DETECTED
           : b->rule == WT_RULE_SECOND_ORDER   ? WT_FINDING_CLIENT_HELLO_REORDERED
                                               : WT_FINDING_MALFORMED;
}

/* What has a finding of its own is not reported twice. */
static bool is_reported_elsewhere(const struct wt_breach *b)
{
    return b->rule == WT_RULE_REQUEST_UNASKED || /* unexpected-message: flow.def has no row for it */
           b->rule == WT_RULE_TICKET_LIFETIME || /* ticket-lifetime-excessive */
           b->rule == WT_RULE_SERVER_VERSION_12; /* no-shared-version: the server may be older than the extension */
}

static void report_all(struct wt_tls *tls, uint32_t frame, const char *message, const struct wt_breaches *breaches,
                       struct wt_message *kept)
{
    char text[1024];
    for (unsigned i = 0; i < breaches->count; i++) {
        const struct wt_breach *b = &breaches->list[i];
        if (is_reported_elsewhere(b))
            continue;
        wt_wording_breach(b, message, text, sizeof text);
        const struct wt_list_finding *f = wt_finding_say(tls, row_of(b), frame, "%s", text);
        if (!f)
            return;
        struct wt_list_finding *mine = (struct wt_list_finding *)(uintptr_t)f;
        mine->number[0] = b->rule + 1u;
        mine->number[1] = b->error.value;
        wt_finding_blame(tls, f, b->side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_NONE, false);
        if (kept && !(kept->flags & WT_MESSAGE_MALFORMED) && mine->row != WT_FINDING_CLIENT_HELLO_REORDERED) {
            kept->flags |= WT_MESSAGE_MALFORMED;
            kept->error = b->error;
        }
    }
}

bool wt_breach_is(const struct wt_list_finding *f, uint8_t *alert)
{
    bool is = (f->row == WT_FINDING_MALFORMED || f->row == WT_FINDING_DOWNGRADE_DETECTED ||
               f->row == WT_FINDING_CLIENT_HELLO_REORDERED) &&
              f->told && f->number[0] && f->number[0] <= WT_RULE_COUNT;
    if (is)
        *alert = wt_rule_of((enum wt_rule_id)(f->number[0] - 1))->alert;
    return is;
}

void wt_breach_joins(struct wt_tls *tls, enum wt_finding_id row, uint32_t frame, uint64_t value)
{
    uint8_t alert;
    for (struct wt_list_finding **at = &tls->report.findings; *at;) {
        struct wt_list_finding *f = *at;
        if (f->row == row && f->frame == frame && f->number[1] == value && wt_breach_is(f, &alert)) {
            *at = f->next;
            tls->report.finding_count--;
        } else {
            at = &f->next;
        }
    }
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* A side that breaks it in each of its records is reported once. */
static bool is_reported(const struct wt_tls *tls, const struct wt_breach *b)
{
    const uint8_t fault = b->side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER;
    uint8_t alert;
    for (const struct wt_list_finding *f = tls->report.findings; f; f = f->next)
        if (wt_breach_is(f, &alert) && f->number[0] == b->rule + 1u && f->fault == fault)
            return true;
    return false;
}

/* A ChangeCipherSpec that the capture lacks is no reason to hold a record to the limits of plaintext. */
static bool may_be_protected(const struct wt_tls *tls, const struct wt_tls_side *of, const struct wt_record *r)
{
    if (wt_tls_is_13(tls))
        return r->type == WT_CONTENT_APPLICATION_DATA;
    return of->cover != WT_COVER_NONE || of->mac || of->missing || !(of->flags & WT_SIDE_HELLO) ||
           (!tls->agreed.version && r->type == WT_CONTENT_APPLICATION_DATA);
}

void wt_breaches_record(struct wt_observer *o, struct wt_tls *tls, unsigned side, const struct wt_record *r,
                        struct wt_message *kept)
{
    const struct wt_tls_side *of = &tls->side[side];
    const bool is_protected = may_be_protected(tls, of, r);
    const struct wt_record_shape shape = {.version = tls->agreed.version,
                                          .is_protected = is_protected,
                                          .length = r->length,
                                          .plaintext = is_protected ? wt_facts_plaintext(tls, r->length) : r->length,
                                          .most = of->most,
                                          .most_is_size = of->flags & WT_SIDE_MOST_IS_SIZE};
    struct wt_breaches breaches;
    wt_rules_record(side, &shape, &breaches);
    if (!breaches.count)
        return;
    if (kept) {
        kept->flags |= WT_MESSAGE_MALFORMED;
        kept->error = breaches.list[0].error;
    }
    if (!is_reported(tls, &breaches.list[0]))
        report_all(tls, o->frame, wt_registry_name(WT_REG_CONTENT_TYPE, r->type), &breaches, NULL);
}

/* What the peers agree on for their records holds from here on. */
static void limit_records(struct wt_tls *tls, const struct wt_agreed *a)
{
    for (unsigned side = 0; side < 2; side++) {
        bool is_size;
        struct wt_tls_side *of = &tls->side[side];
        uint32_t most = wt_rules_record_most(a, side, &is_size);
        of->most = most < UINT16_MAX ? (uint16_t)most : 0;
        of->flags = (uint16_t)((of->flags & ~WT_SIDE_MOST_IS_SIZE) | (is_size ? WT_SIDE_MOST_IS_SIZE : 0));
    }
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* The ServerHello came before its ClientHello, as the streams of two taps may: it is held against that now. Whatever
 * the server's hello alone breaks was reported when it came. After a HelloRetryRequest, and where something of the
 * server is missing that may have been one, it answers a second ClientHello, of which RFC 8446, 4.1.2 allows "replacing
 * the list of shares with a list containing a single KeyShareEntry from the indicated group" and more. */
static void check_answer(struct wt_tls *tls, const struct wt_agreed *a, const struct wt_message_body *hello)
{
    const char *name = wt_registry_name(WT_REG_HANDSHAKE_TYPE, WT_HANDSHAKE_SERVER_HELLO);
    const struct wt_handshake_message *answer =
        wt_messages_newest(&tls->handshake->common.messages, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO);
    struct wt_agreed fresh;
    struct wt_breaches breaches;
    if (!answer || answer->headless || answer->code != WT_OK)
        return;
    wt_agreed_start(&fresh, a->first);
    wt_agreed_message(&fresh, WT_CLIENT, hello, true);
    fresh.offered.stale = a->retry.seen || tls->side[WT_SERVER].missing;
    wt_rules_check(&fresh, WT_SERVER, &answer->body, wt_span_cut(answer->bytes, 4, SIZE_MAX), &breaches);
    report_all(tls, answer->frame, name, &breaches, NULL);
}

/* RFC 8446, 4.1.4: what is missing of the server may have been a HelloRetryRequest, and what of the client its answer,
 * which the server acknowledges. */
static bool may_answer_another(const struct wt_conversation *c, unsigned side)
{
    const struct wt_tls *tls = c->tls;
    return side == WT_SERVER && (tls->side[WT_SERVER].missing || tls->side[WT_CLIENT].missing ||
                                 wt_transport_unseen(&c->transport, tls->client) || wt_dtls_lacks(tls->dtls));
}

void wt_breaches_message(struct wt_observer *o, struct wt_conversation *c, unsigned side,
                         const struct wt_message_body *m, struct wt_span body, bool whole, struct wt_message *kept)
{
    struct wt_tls *tls = c->tls;
    struct wt_agreed *a = &tls->handshake->common.agreed, fresh WT_UNINITIALIZED;
    const struct wt_agreed *before = a;
    struct wt_breaches breaches WT_UNINITIALIZED;
    /* one that comes after the ServerHello of TLS 1.3, as streams may, or where it has no place: of what is before it
     * nothing is known */
    if (m->type == WT_HANDSHAKE_CLIENT_HELLO && a->offered.seen && a->chosen.seen) {
        wt_agreed_start(&fresh, false);
        before = &fresh;
    }
    if (m->type == WT_HANDSHAKE_SERVER_HELLO && may_answer_another(c, side))
        a->offered.stale = !a->offered.second;
    if (whole) {
        wt_rules_check(before, side, m, body, &breaches);
        if (breaches.count)
            report_all(tls, o->frame, wt_registry_name(WT_REG_HANDSHAKE_TYPE, m->type), &breaches, kept);
    }
    const bool late = m->type == WT_HANDSHAKE_CLIENT_HELLO && whole && a->chosen.seen && !a->offered.seen;
    wt_agreed_message(a, side, m, whole);
    if (late)
        check_answer(tls, a, m);
    if (m->type == WT_HANDSHAKE_ENCRYPTED_EXTENSIONS ||
        (m->type == WT_HANDSHAKE_SERVER_HELLO && a->chosen.seen && !a->chosen.tls13))
        limit_records(tls, a);
}
