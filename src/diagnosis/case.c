/* A failed connection as its causes see it: its hellos, its alert, and what sentences about it need. */
#include "diagnosis/case.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "observer/endless.h"

#include <stdio.h>

/* --- words -------------------------------------------------------------------------------------------------------- */

const char *wt_case_at(uint32_t frame, char out[WT_CASE_AT])
{
    out[0] = '\0';
    if (frame)
        (void)snprintf(out, WT_CASE_AT, _(" (packet %u)"), frame);
    return out;
}

const char *wt_case_name(enum wt_registry registry, uint16_t code, char out[16])
{
    const char *name = registry == WT_REG_VERSION ? wt_version_name(code) : wt_registry_name(registry, code);
    if (name)
        return name;
    (void)snprintf(out, 16, "0x%04x", code);
    return out;
}

/* GREASE is no offer (RFC 8701, 3.1), and signalling values are no suites. */
static bool is_offer(enum wt_registry registry, uint16_t code)
{
    return !wt_is_grease(code) && !(registry == WT_REG_CIPHER_SUITE && wt_suite_is_signal(code));
}

const char *wt_case_list(enum wt_registry registry, struct wt_span codes, char out[WT_CASE_LIST])
{
    const unsigned most = 4;
    unsigned listed = 0, more = 0;
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < wt_codes_count(codes); i++) {
        uint16_t code = wt_codes_at(codes, i);
        char number[16];
        if (!is_offer(registry, code))
            continue;
        if (listed == most) {
            more++;
            continue;
        }
        n += (size_t)snprintf(out + n, WT_CASE_LIST - n, "%s%s", listed ? ", " : "",
                              wt_case_name(registry, code, number));
        listed++;
    }
    if (!listed)
        (void)snprintf(out, WT_CASE_LIST, "%s", _("none"));
    else if (more)
        (void)snprintf(out + n, WT_CASE_LIST - n, _(" and %u more"), more);
    return out;
}

const char *wt_case_versions(const struct wt_case *k, char out[WT_CASE_LIST])
{
    char number[16], list[WT_CASE_LIST];
    if (k->offer.versions.n)
        return wt_case_list(WT_REG_VERSION, k->offer.versions, out);
    (void)snprintf(list, sizeof list, _("up to %s"), wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, number));
    memcpy(out, list, sizeof list);
    return out;
}

const char *wt_case_subject(const struct wt_certificate_facts *certificate)
{
    return certificate->subject && *certificate->subject ? certificate->subject : _("(no subject)");
}

const char *wt_case_span(struct wt_span text, char out[72])
{
    enum { MOST = 67 };
    if (wt_printable_part(out, MOST + 1, text) < text.n)
        memcpy(out + strlen(out), "...", 4);
    return out;
}

const char *wt_case_alert(const struct wt_case *k)
{
    const char *name = wt_registry_name(WT_REG_ALERT, k->alert->description);
    return name ? name : _("(unregistered)");
}

const char *wt_case_side(unsigned side)
{
    return side == WT_CLIENT ? _("the client") : _("the server");
}

const char *wt_case_side_first(unsigned side)
{
    return side == WT_CLIENT ? _("The client") : _("The server");
}

const char *wt_case_last(const struct wt_case *k, unsigned side)
{
    const struct wt_tls_side *s = &k->tls->side[side];
    const char *name = s->has_message ? wt_registry_name(WT_REG_HANDSHAKE_TYPE, s->message) : NULL;
    if (s->hidden || (s->cover == WT_COVER_KEYS && s->flags & WT_SIDE_FINISHED && s->message != WT_HANDSHAKE_FINISHED))
        return _("encrypted messages");
    return name ? name : _("nothing");
}

/* --- parts of it -----------------------------------------------------------------------------------------------------
 */

enum wt_noticed wt_case_noticed(unsigned side)
{
    return side == WT_CLIENT ? WT_NOTICED_BY_CLIENT : WT_NOTICED_BY_SERVER;
}

enum wt_fault wt_case_fault(unsigned side)
{
    return side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER;
}

bool wt_case_extension(const struct wt_extensions *extensions, uint16_t id, enum wt_ext_where where,
                       union wt_ext_body *out)
{
    const struct wt_codec_context context = {.from_server = where != WT_IN_CH};
    return wt_extensions_get(extensions, id, &context, where, out);
}

const struct wt_message_body *wt_case_message(const struct wt_case *k, unsigned side, uint8_t type, uint32_t *frame)
{
    const struct wt_tls_handshake *hs = k->tls->handshake;
    size_t at = hs ? wt_messages_find(&hs->common.messages, side, type) : SIZE_MAX;
    if (at == SIZE_MAX)
        return NULL;
    const struct wt_codec_context context = wt_handshake_context(&hs->common, side);
    *frame = hs->common.messages.list[at]->frame;
    return wt_messages_body(&hs->common.messages, at, &context);
}

const struct wt_list_finding *wt_case_judgement(const struct wt_case *k, enum wt_finding_id id)
{
    for (const struct wt_list_finding *f = k->tls->report.findings; f; f = f->next)
        if (f->row == id && f->fault != WT_FAULT_CLIENT)
            return f;
    return NULL;
}

bool wt_case_begun(const struct wt_case *k, unsigned side, struct wt_case_begun *out)
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
        *out = (struct wt_case_begun){wt_registry_name(WT_REG_HANDSHAKE_TYPE, type), (uint32_t)reader->held.n,
                                      length + header};
    } else if (wt_record_is_partial(cursor)) {
        const uint32_t header = 5; /* RFC 8446, 5.1 */
        const uint32_t whole = cursor->record.length + header;
        *out = (struct wt_case_begun){wt_registry_name(WT_REG_CONTENT_TYPE, cursor->record.type), whole - cursor->left,
                                      whole};
    } else {
        return false;
    }
    return out->name && out->came < out->whole;
}

int64_t wt_case_seconds(const struct wt_case *k)
{
    return k->tls->outcome.start_ns / 1000000000;
}

double wt_case_quiet(const struct wt_case *k)
{
    int64_t until = wt_observer_seen_until(k->o, k->c->last_ns), since = wt_outcome_quiet_since(k->c);
    return until > since ? (double)(until - since) / 1e9 : 0;
}

/* Packets after the close (retransmissions, the other side's FIN) have later times, so the time of the close itself
 * counts. */
double wt_case_waited(const struct wt_case *k)
{
    return k->tls->end.ns > k->c->last_ns ? (double)(k->tls->end.ns - k->c->last_ns) / 1e9 : 0;
}

/* An alert after the close that only reacts to it did not shorten the wait. */
double wt_case_unheard(const struct wt_case *k)
{
    if (!k->end.fin && !k->end.reset)
        return wt_case_quiet(k);
    return k->c->last_ns > k->tls->end.ns ? (double)(k->tls->end.ns - k->tls->outcome.start_ns) / 1e9
                                          : wt_case_waited(k);
}

static void read_offer(const struct wt_case *k, struct wt_offer *out)
{
    const struct wt_extensions *e = &k->hello.extensions;
    union wt_ext_body body;
    *out = (struct wt_offer){.suites = k->hello.cipher_suites};
    if (wt_case_extension(e, WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, &body))
        out->versions = body.supported_versions.versions;
    if ((out->has_groups = wt_case_extension(e, WT_EXT_SUPPORTED_GROUPS, WT_IN_CH, &body)))
        out->groups = body.supported_groups.named_group_list;
    if ((out->has_schemes = wt_case_extension(e, WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CH, &body)))
        out->schemes = body.signature_algorithms.supported_signature_algorithms;
    if ((out->has_shares = wt_case_extension(e, WT_EXT_KEY_SHARE, WT_IN_CH, &body)))
        out->shares = body.key_share.client_shares;
    if (wt_case_extension(e, WT_EXT_ALPN, WT_IN_CH, &body))
        out->protocols = body.alpn.protocol_name_list;
    out->has_sni = k->tls->agreed.sni.n > 0;
    for (size_t i = 0; i < wt_codes_count(out->versions); i++) {
        out->tls13 |= wt_version_is_tls13(wt_codes_at(out->versions, i));
        out->tls12 |= wt_codes_at(out->versions, i) >> 8 == 3 && wt_codes_at(out->versions, i) <= WT_TLS12;
    }
    if (!out->versions.n)
        out->tls12 = true;
}

/* The newest hello of a side. One of SSL 2.0's form is left out: it has no handshake header. */
static const struct wt_handshake_message *hello_of(const struct wt_case *k, unsigned side, uint8_t type)
{
    const struct wt_tls_handshake *hs = k->tls->handshake;
    const struct wt_handshake_message *m = hs ? wt_messages_newest(&hs->common.messages, side, type) : NULL;
    return m && !m->headless ? m : NULL;
}

static void find_hellos(struct wt_case *k)
{
    const struct wt_handshake_message *m = hello_of(k, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    if ((k->has_hello = m)) {
        k->hello = m->body.client_hello;
        k->hello_frame = m->frame;
        k->hello_length = (uint32_t)m->bytes.n;
        read_offer(k, &k->offer);
    }
    m = hello_of(k, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO);
    if ((k->has_server_hello = m)) {
        k->server_hello = m->body.server_hello;
        k->server_hello_frame = m->frame;
    }
}

/* RFC 8446, 6: "All the alerts listed in Section 6.2 MUST be sent with AlertLevel=fatal and MUST be treated as error
 * alerts when received regardless of the AlertLevel"; up to TLS 1.2 the level decides. The first of several counts:
 * the others only follow from it. */
static void find_alert(struct wt_case *k)
{
    for (const struct wt_list_alert *a = k->tls->report.alerts; a && !k->alert; a = a->next) {
        const struct wt_alert_seen *s = &a->alert;
        if (!s->readable || s->description == WT_ALERT_CLOSE_NOTIFY ||
            (s->level != 2 && !(wt_tls_is_13(k->tls) && s->description != WT_ALERT_USER_CANCELED)))
            continue;
        k->alert = s;
        k->from = s->from;
        k->acknowledgment = a->acknowledgment;
    }
    /* user_canceled has the level warning (RFC 5246, 7.2.2), and may be the only reason that was given */
    for (const struct wt_list_alert *a = k->tls->report.alerts; a && !k->alert; a = a->next)
        if (a->alert.readable && a->alert.description == WT_ALERT_USER_CANCELED) {
            k->alert = &a->alert;
            k->from = a->alert.from;
        }
}

/* An alert that only reacts to the other side's close (OpenSSL sends decode_error upon an unexpected end): the close
 * came first. */
static bool is_echo_of_close(const struct wt_case *k)
{
    /* there was nothing else to react to */
    bool silent = !wt_tls_record_count(k->tls, !k->from) && !wt_transport_is_one_sided(&k->c->transport);
    if (!silent && !wt_transport_follows_end(&k->c->transport, &k->tls->end, wt_tls_direction_of(k->tls, !k->from),
                                             k->alert->frame, k->acknowledgment))
        return false;
    return k->alert->description == WT_ALERT_DECODE_ERROR || k->alert->description == WT_ALERT_INTERNAL_ERROR ||
           k->alert->description == WT_ALERT_UNEXPECTED_MESSAGE;
}

/* RFC 9293, 3.10.7.4: an acknowledgment covers what its sender has received. The order of packets in a capture is that
 * of the place where it was made, or of two places, one after the other. */
bool wt_case_had_come(uint32_t number, uint32_t frame, struct wt_case_end at)
{
    return number && at.acknowledgment ? (int32_t)(at.acknowledgment - number) >= 0 : frame <= at.frame;
}

/* There was a RST, and no FIN before it. */
static bool is_reset_first(const struct wt_case *k)
{
    const struct wt_transport_end *end = &k->tls->end;
    const struct wt_transport *t = &k->c->transport;
    if (!wt_transport_is_reset(t) || !k->end.fin)
        return wt_transport_is_reset(t);
    if (!end->reset_seen || end->fin[end->reset_by].frame || wt_transport_left_first(t, !end->reset_by))
        return end->reset_seen && end->fin[end->reset_by].frame && end->reset_frame < k->end.frame;
    return wt_transport_left_first(t, end->reset_by) || end->reset_frame < k->end.frame;
}

static void find_end(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_transport *t = &k->c->transport;
    const struct wt_transport_end *end = &tls->end;
    struct wt_case_end *e = &k->end;
    for (unsigned d = 0; d < 2; d++)
        if (wt_transport_ended(t, d) && (!e->fin || wt_transport_left_first(t, d)))
            *e = (struct wt_case_end){.fin = true,
                                      .side = wt_tls_side_of(tls, d),
                                      .frame = end->fin[d].frame,
                                      .acknowledgment = end->fin[d].acknowledgment};
    if (is_reset_first(k))
        *e = (struct wt_case_end){.reset = true,
                                  .side = wt_tls_side_of(tls, end->reset_by),
                                  .frame = end->reset_frame,
                                  .acknowledgment = end->reset_acknowledgment};
}

void wt_case_open(struct wt_case *k, struct wt_observer *o, struct wt_conversation *c)
{
    k->o = o;
    k->c = c;
    k->tls = c->tls;
    k->server = wt_servers_find(o, c);
    o->lost[WT_LOST_SERVERS] += k->server && k->server->forgot;
    find_hellos(k);
    find_alert(k);
    find_end(k);
    if (k->alert && is_echo_of_close(k))
        k->alert = NULL;
    if (!k->alert)
        k->from = k->end.side;
}
