/* Failures in which a message never becomes whole: its sender stopped, or the path dropped the rest. */
#include "diagnosis/causes_case.h"

#include "base/i18n.h"

/* What is there of the message that a side had begun to send. */
struct begun {
    const char *name;
    uint32_t came, whole; /* bytes, with the header */
};

static bool begun_by(const struct wt_case *k, unsigned side, struct begun *out)
{
    const struct wt_tls *tls = k->tls;
    unsigned direction = wt_tls_direction_of(tls, side);
    const struct wt_record_cursor *cursor = &tls->cursor[direction];
    const struct wt_framing *reader = tls->handshake ? &tls->handshake->reader[direction] : NULL;
    uint8_t type = 0;
    uint32_t length = 0;
    if (tls->side[side].missing || tls->carrier)
        return false;
    if (reader && wt_framing_pending(reader, &type, &length)) {
        const uint32_t header = 4; /* RFC 8446, 4 */
        *out = (struct begun){wt_registry_name(WT_REG_HANDSHAKE_TYPE, type), (uint32_t)reader->held.n, length + header};
    } else if (wt_record_is_partial(cursor)) {
        const uint32_t header = 5; /* RFC 8446, 5.1 */
        const uint32_t whole = cursor->record.length + header;
        *out = (struct begun){wt_registry_name(WT_REG_CONTENT_TYPE, cursor->record.type), whole - cursor->left, whole};
    } else {
        return false;
    }
    return out->name && out->came < out->whole;
}

/* RFC 9293, 3.4: an acknowledgment covers all bytes before its number. The receiver's stops where bytes are missing,
 * although later ones, or the FIN, were sent: they did not reach it. */
static bool unreached(struct wt_case *k, const struct wt_flight_end *e)
{
    const struct wt_tls *tls = k->tls;
    unsigned side = tls->side[WT_SERVER].flags & WT_SIDE_UNREACHED ? WT_SERVER : WT_CLIENT;
    struct begun b;
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    if (!(tls->side[side].flags & WT_SIDE_UNREACHED))
        return false;
    wt_case_at(e->frame, at);
    double seconds = e->waited > 0 ? e->waited : e->quiet;
    if (begun_by(k, side, &b))
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, e->frame,
            _("Only %u of %u bytes of the %s from %s reached %s: it acknowledged only the data before the "
              "rest, although data after it was sent as well, and nothing more arrived within %.1f s%s. "
              "Something on the path drops it: probably full-size packets are lost (path MTU), or a "
              "middlebox drops what it does not expect."),
            b.came, b.whole, b.name, wt_case_side(side), wt_case_side(!side), seconds, at);
    else if (side == WT_SERVER)
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, e->frame,
            _("Part of the server's answer never reached the client: the client acknowledged only the data "
              "before it, although the data after it was sent as well, and gave up%s after %.1f s. "
              "Something on the path drops it: probably full-size packets are lost (path MTU)."),
            at, seconds);
    else
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, e->frame,
            _("Part of what the client sent never reached the server: the server acknowledged only the "
              "data before it, although the data after it was sent as well, within %.1f s%s. Something on "
              "the path drops it: probably full-size packets are lost (path MTU)."),
            seconds, at);
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(!side), true);
}

/* Who left in the middle of a ClientHello, before it could be answered. */
static bool left(struct wt_case *k, const struct wt_flight_end *e, unsigned side, const struct begun *b)
{
    char at[WT_CASE_AT];
    wt_case_at(e->frame, at);
    const struct wt_list_finding *f =
        e->side == side
            ? wt_finding_say(
                  k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e->frame,
                  _("%s ended the connection with %s%s in the middle of its own %s: %u of %u bytes were sent."),
                  wt_case_side_first(side), e->reset ? "RST" : "FIN", at, b->name, b->came, b->whole)
            : wt_finding_say(k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e->frame,
                             _("%s ended the connection with %s%s when only %u of %u bytes of the %s had arrived."),
                             wt_case_side_first(e->side), e->reset ? "RST" : "FIN", at, b->came, b->whole, b->name);
    return wt_case_conclude(k, f, wt_case_fault(e->side), wt_case_noticed(!e->side), e->side != side);
}

/* All that the side sent was acknowledged, and it sent no more. */
static bool stopped(struct wt_case *k, const struct wt_flight_end *e, unsigned side, const struct begun *b)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    wt_case_at(e->frame, at);
    if (e->ended)
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, e->frame,
            _("%s sent only %u of %u bytes of its %s; %s received them and waited %.1f s for the rest, until "
              "%s ended the connection (%s)%s. If the capture was taken far from the sender, the rest may "
              "have been lost before it."),
            wt_case_side_first(side), b->came, b->whole, b->name, wt_case_side(!side), e->waited, wt_case_side(e->side),
            e->reset ? "RST" : "FIN", at);
    else
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, 0,
            _("%s sent only %u of %u bytes of its %s; %s received them and waited for the rest in the "
              "remaining %.1f s of the capture. If the capture was taken far from the sender, the rest may "
              "have been lost before it."),
            wt_case_side_first(side), b->came, b->whole, b->name, wt_case_side(!side), e->quiet);
    return wt_case_conclude(k, f, wt_case_fault(side), wt_case_noticed(!side), true);
}

bool wt_cause_flight(struct wt_case *k, const struct wt_flight_end *e)
{
    const struct wt_tls *tls = k->tls;
    unsigned side = tls->pace.last_from;
    bool hello = tls->flow.facts & (WT_FACT_CLIENT_HELLO | WT_FACT_SERVER_HELLO);
    struct begun b;
    if (unreached(k, e))
        return true;
    if (!begun_by(k, side, &b) || tls->report.alert_count)
        return false;
    bool arrived = wt_transport_is_acknowledged(&k->c->transport, wt_tls_direction_of(tls, side)) ||
                   wt_transport_is_fed(&k->c->transport);
    bool waited = e->ended ? e->waited * 1e9 >= WT_LIMIT_PATIENCE_NS : wt_outcome_is_stalled(k->o, k->c);
    if (arrived && waited)
        return stopped(k, e, side, &b);
    return !hello && e->ended && left(k, e, side, &b);
}
