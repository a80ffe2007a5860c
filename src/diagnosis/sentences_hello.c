/* Sentences: what an alert after the hellos means, by what was offered, what was chosen, and what the same server chose
 * in other connections of the capture. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "observer/breaches.h"

#include <stdio.h>

static const char *numbers(enum wt_registry registry, const uint16_t *list, size_t room, char out[WT_CASE_LIST])
{
    uint8_t codes[32];
    size_t n = 0;
    for (; n < room && n < sizeof codes / 2 && list[n]; n++) {
        codes[2 * n] = (uint8_t)(list[n] >> 8);
        codes[2 * n + 1] = (uint8_t)list[n];
    }
    return wt_case_list(registry, wt_span_of(codes, 2 * n), out);
}

#define NUMBERS(registry, list, out) numbers(registry, list, sizeof(list) / sizeof *(list), out)

/* --- versions ----------------------------------------------------------------------------------------------------- */

static uint16_t oldest(const struct wt_offer *o)
{
    uint16_t least = WT_TLS13;
    for (size_t i = 0; i < wt_codes_count(o->versions); i++)
        if (wt_codes_at(o->versions, i) < least)
            least = wt_codes_at(o->versions, i);
    return least;
}

static const char *likely_version(const struct wt_case *k)
{
    const struct wt_offer *o = &k->offer;
    if (wt_evidence_has(k, WT_EVIDENCE_OFFER_DRAFT))
        return _("Of TLS 1.3 the client offers only a draft, which the final version (RFC 8446) does not work with: it "
                 "probably supports only another draft of TLS 1.3 or its final version.");
    if (wt_evidence_has(k, WT_EVIDENCE_OFFER_CURRENT))
        return oldest(o) > WT_TLS10
                   ? _("It probably supports only older versions, which RFC 8996 deprecates.")
                   : _("These are all versions of TLS: it probably supports only SSL 3.0 or older, or rejects the "
                       "ClientHello because it does not know the way in which it offers TLS 1.3.");
    if (!o->tls12)
        return _("It probably does not support TLS 1.3.");
    if (wt_evidence_has(k, WT_EVIDENCE_OFFER_OLD))
        return _("It probably requires TLS 1.2 or later.");
    return o->tls13 ? _("The capture does not show which version it requires.") : _("It probably requires TLS 1.3.");
}

const struct wt_list_finding *wt_sentence_version_refused(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    wt_case_at(k->alert->frame, at);
    if (!wt_evidence_has(k, WT_EVIDENCE_OFFER))
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("The server supports none of the versions that the client offers: it answered with "
                                "alert protocol_version%s."),
                              at);
    wt_case_versions(k, list);
    if (wt_evidence_has(k, WT_EVIDENCE_SERVER_VERSIONS_KNOWN))
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("The server supports none of the versions that the client offers (%s): it answered "
                                "with alert protocol_version%s. In successful connections it chose %s."),
                              list, at, NUMBERS(WT_REG_VERSION, k->server->versions, seen));
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server supports none of the versions that the client offers (%s): it answered with "
                            "alert protocol_version%s. %s"),
                          list, at, likely_version(k));
}

const struct wt_list_finding *wt_sentence_version_rejected(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], number[16], list[WT_CASE_LIST] = "?";
    if (k->has_hello)
        wt_case_versions(k, list);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server chose %s, which the client rejected with alert protocol_version%s: it does not "
                            "support that version, or has disabled it. The client offers %s."),
                          wt_case_name(WT_REG_VERSION, k->tls->agreed.version, number), wt_case_at(k->alert->frame, at),
                          list);
}

/* --- a ClientHello that is rejected without a reason: certain reasons, and the server's other connections --------- */

const struct wt_list_finding *wt_sentence_hello_unread(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because nothing that it "
                            "offers matches the server's configuration."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_suites_unusable(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], names[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s: none of the cipher suites that the "
                            "client offers (%s) can be used with the versions that it offers (%s)."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at),
                          wt_case_list(WT_REG_CIPHER_SUITE, k->offer.suites, list), wt_case_versions(k, names));
}

const struct wt_list_finding *wt_sentence_schemes_miss_key(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s: none of the client's signature "
                            "schemes works with the server's key (%s, according to a certificate that it sent in "
                            "another connection); the client offers %s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at), k->server->key_type,
                          wt_case_list(WT_REG_SIGNATURE_SCHEME, k->offer.schemes, list));
}

const struct wt_list_finding *wt_sentence_suites_miss_key(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s: none of the client's cipher suites "
                            "works with the server's key (%s, according to a certificate that it sent in another "
                            "connection); the client offers %s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at), k->server->key_type,
                          wt_case_list(WT_REG_CIPHER_SUITE, k->offer.suites, list));
}

const struct wt_list_finding *wt_sentence_versions_miss(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because of its versions: "
                            "the client offers %s, but in successful connections the server chose %s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_versions(k, list),
                          NUMBERS(WT_REG_VERSION, k->server->versions, seen));
}

const struct wt_list_finding *wt_sentence_suites_miss(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because of its cipher "
                            "suites: the client offers %s, but in successful connections the server chose %s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at),
                          wt_case_list(WT_REG_CIPHER_SUITE, k->offer.suites, list),
                          NUMBERS(WT_REG_CIPHER_SUITE, k->server->suites, seen));
}

const struct wt_list_finding *wt_sentence_groups_miss(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server rejected the ClientHello with alert %s%s, probably because of its key-exchange groups: the "
          "client offers %s, but in successful connections the server chose %s."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_list(WT_REG_GROUP, k->offer.groups, list),
        NUMBERS(WT_REG_GROUP, k->server->groups, seen));
}

const struct wt_list_finding *wt_sentence_schemes_miss(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because of its signature "
                            "schemes: the client offers %s, but in successful connections the server signed with %s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at),
                          wt_case_list(WT_REG_SIGNATURE_SCHEME, k->offer.schemes, list),
                          NUMBERS(WT_REG_SIGNATURE_SCHEME, k->server->schemes, seen));
}

const struct wt_list_finding *wt_sentence_name_misses(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[72], other[72];
    wt_case_at(k->alert->frame, at);
    wt_case_span(wt_span_text(k->server->names[0]), other);
    if (k->offer.has_sni)
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("The server rejected the ClientHello with alert %s%s, probably because of the server "
                                "name %s: everything else in it matches what the server chose in successful "
                                "connections, which asked for %s."),
                              wt_case_alert(k), at, wt_case_span(k->tls->agreed.sni, name), other);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because it has no "
                            "server_name: everything else in it matches what the server chose in successful "
                            "connections, which asked for %s."),
                          wt_case_alert(k), at, other);
}

/* --- by values that it must ignore -------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_grease(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        wt_evidence_has(k, WT_EVIDENCE_TWIN_PLAIN)
            ? _("The server rejected the ClientHello with alert %s%s, probably because of its GREASE "
                "values (RFC 8701), reserved numbers that a server has to ignore.")
            : _("The server rejected the ClientHello with alert %s%s; nothing in it is unusual but its "
                "GREASE values (RFC 8701), reserved numbers that a server has to ignore."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* --- by what is unusual in it ------------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_offer_old(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because of its version: the "
                            "client offers %s, and most servers require TLS 1.2 or later. The cipher suites could also "
                            "be the reason; the server's configuration would settle it."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_versions(k, list));
}

const struct wt_list_finding *wt_sentence_psk_not_found(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s. The ClientHello offers a pre-shared "
                            "key: probably the server does not know the key's identity and has no certificate to fall "
                            "back on. The server's configuration would settle it."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_groups_unusual(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server rejected the ClientHello with alert %s%s, probably because of its key-exchange groups: the "
          "client offers only %s. The alert gives no reason; the server's configuration or log would settle it."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_list(WT_REG_GROUP, k->offer.groups, list));
}

const struct wt_list_finding *wt_sentence_suites_unusual(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server rejected the ClientHello with alert %s%s, probably because of its cipher suites: the client "
          "offers %s. The alert gives no reason; the server's configuration or log would settle it."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_list(WT_REG_CIPHER_SUITE, k->offer.suites, list));
}

const struct wt_list_finding *wt_sentence_schemes_unusual(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because of its signature "
                            "schemes: the client accepts only %s, which may not work with the server's key. The alert "
                            "gives no reason; the server's certificate or log would settle it."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at),
                          wt_case_list(WT_REG_SIGNATURE_SCHEME, k->offer.schemes, list));
}

const struct wt_list_finding *wt_sentence_version_too_new(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        wt_evidence_has(k, WT_EVIDENCE_OFFER_WHOLE_13)
            ? _("The server rejected the ClientHello with alert %s%s, probably because of its version: the client "
                "offers only TLS 1.3, with every algorithm that a TLS 1.3 server must support. A server without TLS "
                "1.3 finds no cipher suite that it knows in such a ClientHello. The server's configuration would "
                "settle it.")
            : _("The server rejected the ClientHello with alert %s%s, probably because of its version: the client "
                "offers only TLS 1.3. A server without TLS 1.3 finds no cipher suite that it knows in such a "
                "ClientHello. The server's configuration would settle it."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_version_too_old(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s. Its cipher suites, groups and "
                            "signature schemes are usual ones; what it lacks is TLS 1.3 (it offers %s): probably the "
                            "server requires that. The alert gives no reason; the server's log would settle it%s."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_versions(k, list),
                          k->offer.has_sni ? "" : _("; the server may also require a server_name, which is missing"));
}

const struct wt_list_finding *wt_sentence_nothing_unusual(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], suites[WT_CASE_LIST], groups[WT_CASE_LIST], schemes[WT_CASE_LIST];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("The server rejected the ClientHello with alert %s%s, probably because there is no common cipher suite, or "
          "none that works with the server's key: the client offers %s. Its groups (%s) and signature schemes (%s) are "
          "common ones, but could also be the reason%s%s. The alert gives no reason; the server's log would settle "
          "it."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_list(WT_REG_CIPHER_SUITE, k->offer.suites, suites),
        wt_case_list(WT_REG_GROUP, k->offer.groups, groups),
        wt_case_list(WT_REG_SIGNATURE_SCHEME, k->offer.schemes, schemes),
        k->offer.tls13 ? "" : _("; the server may also require TLS 1.3"),
        k->offer.has_sni ? "" : _("; the server may also require a server_name, which is missing"));
}

const struct wt_list_finding *wt_sentence_name_absent(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server rejected the ClientHello with alert %s%s, probably because it has no "
                            "server_name: its cipher suites, groups and signature schemes are usual ones, and a server "
                            "of many names has no certificate for a client that asks for none%s. The alert gives no "
                            "reason; the server's log would settle it."),
                          wt_case_alert(k), wt_case_at(k->alert->frame, at),
                          k->offer.tls13 ? "" : _("; the server may also require TLS 1.3"));
}

/* --- the alert names the reason ----------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_alpn(struct wt_case *k, enum wt_finding_id id)
{
    struct wt_span rest = k->offer.protocols, name;
    char at[WT_CASE_AT], text[72], list[WT_CASE_LIST] = "";
    size_t n = 0;
    for (unsigned i = 0; i < 4 && wt_ext_opaque_next(&rest, 1, &name); i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", wt_case_span(name, text));
    wt_case_at(k->alert->frame, at);
    if (*list && k->alert->description == WT_ALERT_HANDSHAKE_FAILURE) /* QUIC: see evidence_alert.c */
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("%s supports none of the application protocols that the client offers (%s): it closed "
                                "the connection with handshake_failure, and its reason phrase says so%s."),
                              wt_case_side_first(k->from), list, at);
    if (*list)
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("%s supports none of the application protocols that the client offers (%s): it "
                                "answered with alert no_application_protocol%s."),
                              wt_case_side_first(k->from), list, at);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s ended the handshake with alert no_application_protocol%s: the ClientHello offers no "
                            "application protocol."),
                          wt_case_side_first(k->from), at);
}

const struct wt_list_finding *wt_sentence_name_unknown(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], name[72];
    wt_case_at(k->alert->frame, at);
    if (k->tls->agreed.sni.n)
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("The server does not know the name %s: it answered with alert unrecognized_name%s."),
                              wt_case_span(k->tls->agreed.sni, name), at);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server requires a server name, and the ClientHello has no server_name: the server "
                            "answered with alert unrecognized_name%s."),
                          at);
}

const struct wt_list_finding *wt_sentence_name_warned(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], end[WT_CASE_AT], name[72];
    const uint32_t frame = k->seen[WT_EVIDENCE_NAME_WARNED].frame;
    return wt_finding_say(
        k->tls, id, frame,
        _("The server answered the name %s with the warning unrecognized_name%s and went on; then the client ended the "
          "handshake%s. Probably it takes that warning for an error, as old Java clients do: RFC 6066, 3 does not "
          "recommend to send it, because what clients do upon it is unpredictable."),
        wt_case_span(k->tls->agreed.sni, name), wt_case_at(frame, at),
        wt_case_at(k->alert ? k->alert->frame : k->end.frame, end));
}

const struct wt_list_finding *wt_sentence_fallback(struct wt_case *k, enum wt_finding_id id)
{
    const uint16_t fallback_scsv = 0x5600;
    char at[WT_CASE_AT], number[16];
    bool scsv = k->has_hello && wt_codes_have(k->hello.cipher_suites, fallback_scsv);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          scsv ? _("The client fell back to %s (TLS_FALLBACK_SCSV in its ClientHello), but the server "
                                   "supports a newer version: it answered with alert inappropriate_fallback%s.")
                               : _("The server treats the %s ClientHello as a fallback and supports a newer version: "
                                   "it answered with alert inappropriate_fallback%s."),
                          wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, number),
                          wt_case_at(k->alert->frame, at));
}

/* The identity that the client sent: in its ClientKeyExchange, in TLS 1.3 in the ClientHello. */
static struct wt_span identity_of(const struct wt_case *k)
{
    uint32_t frame, age;
    union wt_ext_body e;
    struct wt_span identity = {0}, rest;
    const struct wt_message_body *m = wt_case_message(k, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, &frame);
    if (m)
        identity = m->client_key_exchange.psk_identity;
    if (!identity.n && k->has_hello && wt_case_extension(&k->hello.extensions, WT_EXT_PRE_SHARED_KEY, WT_IN_CH, &e)) {
        rest = e.pre_shared_key.identities;
        (void)wt_ext_psk_identity_next(&rest, &identity, &age);
    }
    return identity;
}

const struct wt_list_finding *wt_sentence_psk_unknown(struct wt_case *k, enum wt_finding_id id)
{
    const size_t most = 64; /* longer ones are tickets */
    char at[WT_CASE_AT], name[72];
    struct wt_span identity = identity_of(k);
    wt_case_at(k->alert->frame, at);
    if (identity.n && (identity.n <= most || !wt_evidence_has(k, WT_EVIDENCE_PSK_OFFERED) ||
                       wt_evidence_has(k, WT_EVIDENCE_PSK_EXTERNAL)))
        return wt_finding_say(k->tls, id, k->alert->frame,
                              _("The server has no pre-shared key for the identity \"%s\": it answered with alert "
                                "unknown_psk_identity%s."),
                              wt_case_span(identity, name), at);
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("The server has no pre-shared key for the identity that the client sent: it answered with "
                            "alert unknown_psk_identity%s."),
                          at);
}

/* --- an error of the sender's own --------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_canceled(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s canceled the handshake with alert user_canceled%s; this is not a protocol error."),
                          wt_case_side_first(k->from), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_own_error_first(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("%s gave up with alert %s%s before any hello was sent: the error is its own. Probably its configuration "
          "leaves nothing to offer (versions, cipher suites, signature schemes), or it has no certificate or key."),
        wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

const struct wt_list_finding *wt_sentence_own_error(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->alert->frame,
                          _("%s gave up with alert %s%s after %s from %s: it reports an error of its own, not one in "
                            "what it received."),
                          wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at),
                          wt_case_last(k, !k->from), wt_case_side(!k->from));
}

const struct wt_list_finding *wt_sentence_security_level(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], number[16];
    const char *version = wt_case_name(WT_REG_VERSION, (uint16_t)k->seen[WT_EVIDENCE_VERSION_OLD].value, number);
    wt_case_at(k->alert->frame, at);
    if (k->from == WT_SERVER && !wt_evidence_has(k, WT_EVIDENCE_SERVER_HELLO))
        return wt_finding_say(
            k->tls, id, k->alert->frame,
            _("The server gave up with alert %s%s upon a ClientHello that offers nothing newer than %s. Probably its "
              "library allows that version but not the version's signatures (SHA-1, MD5): OpenSSL 3 does so from "
              "security level 1 on, its default. The server's log would settle it."),
            wt_case_alert(k), at, version);
    return wt_finding_say(
        k->tls, id, k->alert->frame,
        _("%s gave up with alert %s%s in a handshake of %s. Probably its library allows that version but not the "
          "version's signatures (SHA-1, MD5): OpenSSL 3 does so from security level 1 on, its default. That side's log "
          "would settle it."),
        wt_case_side_first(k->from), wt_case_alert(k), at, version);
}
