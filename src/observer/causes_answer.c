/* What a client does not like of the server's first flight, beside its certificate. */
#include "observer/causes_case.h"

#include "base/i18n.h"

/* The newest message of a type in the transcript, decoded. */
static bool message_of(const struct wt_case *k, unsigned side, uint8_t type, struct wt_message_body *out,
                       uint32_t *frame)
{
    const struct wt_tls_handshake *hs = k->tls->handshake;
    size_t at = hs ? wt_transcript_find(&hs->transcript, side, type) : SIZE_MAX;
    struct wt_error error;
    if (at == SIZE_MAX || hs->transcript.entries[at].length < 4)
        return false;
    const struct wt_transcript_entry *e = &hs->transcript.entries[at];
    const struct wt_codec_context context = {k->tls->version, k->tls->kx, 0, side == WT_SERVER};
    *frame = e->frame;
    return wt_message_decode(&context, type,
                             wt_span_cut(wt_buffer_span(&hs->transcript.bytes), e->offset + 4u, e->length - 4u), NULL,
                             out, &error) == WT_OK;
}

/* Bits of an unsigned number. */
static unsigned bits_of(struct wt_span number)
{
    size_t i = 0;
    while (i < number.n && !number.p[i])
        i++;
    unsigned bits = (unsigned)(8 * (number.n - i));
    for (unsigned top = 0x80; i < number.n && !(number.p[i] & top); top >>= 1)
        bits--;
    return bits;
}

/* RFC 9325, 4.1: "Clients … MUST NOT … DHE … groups of less than 2048 bits"; RFC 7919, 3.1 lets a client end the
 * connection with insufficient_security; many say handshake_failure or illegal_parameter. */
bool wt_cause_weak_dh(struct wt_case *k)
{
    const unsigned enough = 2048;
    struct wt_message_body m;
    char at[WT_CASE_AT];
    uint32_t frame;
    if (k->from != WT_CLIENT || !message_of(k, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, &m, &frame) ||
        !m.server_key_exchange.dh_p.n || k->tls->flow.facts & WT_FACT_CLIENT_KEYS)
        return false;
    unsigned bits = bits_of(m.server_key_exchange.dh_p);
    if (bits >= enough)
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_WEAK_DH, frame,
        _("The ServerKeyExchange%s has a Diffie-Hellman group of %u bits, and the client refuses it as too "
          "small (alert %s)."),
        wt_case_at(frame, at), bits, wt_case_alert(k));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, bits > 1024);
}

/* A choice that the client did not offer: RFC 5246, 7.4.3: "the signature algorithm … MUST be" one of the client's. */
static bool unoffered(struct wt_case *k)
{
    struct wt_offer offer;
    struct wt_message_body m;
    char at[WT_CASE_AT], name[16], list[WT_CASE_LIST];
    const struct wt_list_finding *f = NULL;
    uint32_t frame;
    if (!k->has_hello || !message_of(k, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, &m, &frame))
        return false;
    wt_case_offer(k, &offer);
    const struct wt_server_key_exchange *x = &m.server_key_exchange;
    if (x->has_scheme && offer.has_schemes && !wt_codes_have(offer.schemes, x->signature_scheme))
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_SHARED_SCHEME, frame,
            _("The server signs its key exchange%s with %s, which the client does not offer; it offers %s "
              "(alert %s)."),
            wt_case_at(frame, at), wt_case_name(WT_REG_SIGNATURE_SCHEME, x->signature_scheme, name),
            wt_case_list(WT_REG_SIGNATURE_SCHEME, offer.schemes, list), wt_case_alert(k));
    else if (x->curve_type == 3 && offer.has_groups && !wt_codes_have(offer.groups, x->named_curve))
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_SHARED_GROUP, frame,
            _("The server's key exchange%s uses %s, which the client does not offer; it offers %s (alert "
              "%s)."),
            wt_case_at(frame, at), wt_case_name(WT_REG_GROUP, x->named_curve, name),
            wt_case_list(WT_REG_GROUP, offer.groups, list), wt_case_alert(k));
    return f && wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
}

/* RFC 5746, 4.1: a client may refuse a server that does not send renegotiation_info; OpenSSL 3's do. */
static bool no_secure_renegotiation(struct wt_case *k)
{
    char at[WT_CASE_AT];
    struct wt_span body;
    if (!k->has_server_hello || wt_tls_is_13(k->tls) ||
        wt_extensions_find(&k->server_hello.extensions, WT_EXT_RENEGOTIATION_INFO, &body))
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_REJECTED_BY_CLIENT, k->alert->frame,
        _("The client refuses the server's terms (alert %s%s), probably because the ServerHello lacks "
          "renegotiation_info "
          "(RFC 5746): current clients do not speak to servers without secure renegotiation (OpenSSL: unsafe legacy "
          "renegotiation disabled)."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
}

bool wt_cause_refused_server_hello(struct wt_case *k)
{
    return wt_cause_downgrade(k) || unoffered(k) || no_secure_renegotiation(k) ||
           (k->tls->certificate_count[WT_SERVER] && wt_cause_server_certificate(k));
}
