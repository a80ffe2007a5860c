/* The grid of registry/extensions.def: which extension may be in which message; and what was not asked for. */
#include "handshake/rules_check.h"

/* RFC 8446, 4.2: "The table below indicates the messages where a given extension may appear". */
static bool may_be_there(const struct wt_extension_info *info, enum wt_ext_where where)
{
    /* RFC 8446, 4.2.7: "As of TLS 1.3, servers are permitted to send the 'supported_groups' extension to the client."
     * Waived before: no RFC forbids it in so many words, BIG-IP sends it, and clients ignore it. */
    if (where == WT_IN_SH12 && info->id == WT_EXT_SUPPORTED_GROUPS)
        return true;
    return info->where & where;
}

/* RFC 8446, 4.2: "Implementations MUST NOT send extension responses if the remote endpoint did not send the
 * corresponding extension requests, with the exception of the 'cookie' extension in the HelloRetryRequest." RFC 5746,
 * 3.3: the signalling suite stands for an empty renegotiation_info. */
static bool was_asked_for(const struct wt_rules_case *k, uint16_t id, enum wt_ext_where where)
{
    if (where == WT_IN_HRR && id == WT_EXT_COOKIE)
        return true;
    if (id == WT_EXT_RENEGOTIATION_INFO && wt_agreed_has(k->agreed, WT_SET_SUITES, 0x00ff) != WT_IS_NOT)
        return true;
    if (where == WT_IN_CT && k->side == WT_CLIENT)
        return wt_agreed_has(k->agreed, WT_SET_REQUEST_EXTENSIONS, id) != WT_IS_NOT;
    return wt_agreed_offers(k->agreed, id, NULL) != WT_IS_NOT;
}

static void unasked(const struct wt_rules_case *k, const uint8_t *at, uint16_t id, enum wt_ext_where where)
{
    enum wt_rule_id rule = WT_RULE_EXTENSION_UNASKED;
    if (where == WT_IN_SH12)
        rule = WT_RULE_EXTENSION_UNASKED_12;
    else if (where == WT_IN_CT && k->side == WT_CLIENT)
        rule = WT_RULE_CERTIFICATE_EXTENSION_CLIENT;
    else if (where == WT_IN_CT)
        rule = id == WT_EXT_DELEGATED_CREDENTIAL ? WT_RULE_CERTIFICATE_DELEGATED : WT_RULE_CERTIFICATE_EXTENSION;
    wt_rules_broken(k, rule, at, id, 0);
}

void wt_rules_extensions(const struct wt_rules_case *k, const struct wt_extensions *extensions, enum wt_ext_where where)
{
    /* requests, and what nobody answers to (RFC 8446, 4.2: "The server MAY also send unsolicited extensions in the
     * NewSessionTicket") */
    const bool asks = where & (WT_IN_CH | WT_IN_CR | WT_IN_NST);
    struct wt_span rest = extensions->block;
    struct wt_extension e;
    while (wt_extensions_next(&rest, &e)) {
        const struct wt_extension_info *info = wt_extension_find(e.id);
        const uint8_t *at = e.body.p - 4;
        if (wt_is_grease(e.id)) {
            /* RFC 8701, 3.2 lets servers have it in CertificateRequest and NewSessionTicket, and clients everywhere */
            if (!asks && k->side == WT_SERVER)
                wt_rules_broken(k, WT_RULE_EXTENSION_GREASE, at, e.id, 0);
        } else if (where == WT_IN_SH12 && !was_asked_for(k, e.id, where)) {
            unasked(k, at, e.id, where);
        } else if (info && !may_be_there(info, where)) {
            wt_rules_broken(k, WT_RULE_EXTENSION_PLACE, at, e.id, 0);
        } else if (!asks && !was_asked_for(k, e.id, where)) {
            unasked(k, at, e.id, where);
        }
    }
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void certificate_types(const struct wt_rules_case *k, const struct wt_extensions *x, enum wt_ext_where where)
{
    static const struct {
        uint16_t id;
        uint8_t set, rule;
    } rows[] = {
        {WT_EXT_CERT_TYPE, WT_SET_CERTIFICATE_TYPES, WT_RULE_SERVER_CERT_TYPE},
        {WT_EXT_SERVER_CERTIFICATE_TYPE, WT_SET_SERVER_CERTIFICATE_TYPES, WT_RULE_SERVER_CERTIFICATE_TYPE},
        {WT_EXT_CLIENT_CERTIFICATE_TYPE, WT_SET_CLIENT_CERTIFICATE_TYPES, WT_RULE_SERVER_CLIENT_CERTIFICATE_TYPE},
    };
    union wt_ext_body e;
    const uint8_t *at;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (k->agreed->sets[rows[i].set].present && wt_rules_body(x, rows[i].id, where, &e, &at))
            wt_rules_listed(k, (enum wt_rule_id)rows[i].rule, (enum wt_offer_set)rows[i].set, at + 4,
                            e.certificate_type.certificate_type);
}

static void limits(const struct wt_rules_case *k, const struct wt_extensions *x, enum wt_ext_where where)
{
    const struct wt_offered *o = &k->agreed->offered;
    union wt_ext_body e;
    const uint8_t *at;
    struct wt_span body;
    if (!wt_rules_body(x, WT_EXT_MAX_FRAGMENT_LENGTH, where, &e, &at))
        return;
    if (o->max_fragment_length && e.max_fragment_length.max_fragment_length != o->max_fragment_length)
        wt_rules_broken(k, WT_RULE_SERVER_FRAGMENT_LENGTH, at + 4, e.max_fragment_length.max_fragment_length,
                        o->max_fragment_length);
    if (wt_extensions_find(x, WT_EXT_RECORD_SIZE_LIMIT, &body))
        wt_rules_broken(k, WT_RULE_SERVER_BOTH_LIMITS, at, WT_EXT_MAX_FRAGMENT_LENGTH, 0);
}

void wt_rules_answers(const struct wt_rules_case *k, const struct wt_extensions *x, enum wt_ext_where where)
{
    union wt_ext_body e;
    struct wt_span rest, name;
    const uint8_t *at;
    certificate_types(k, x, where);
    limits(k, x, where);
    if (wt_rules_body(x, WT_EXT_ALPN, where, &e, &at)) {
        rest = e.alpn.protocol_name_list;
        if (wt_ext_opaque_next(&rest, 1, &name) && wt_agreed_offers(k->agreed, WT_EXT_ALPN, NULL) == WT_IS &&
            wt_agreed_offers_protocol(k->agreed, name) == WT_IS_NOT)
            wt_rules_broken(k, WT_RULE_SERVER_PROTOCOL, name.p, 0, 0);
    }
    if (k->agreed->sets[WT_SET_SRTP_PROFILES].present && wt_rules_body(x, WT_EXT_USE_SRTP, where, &e, &at) &&
        wt_codes_count(e.use_srtp.srtp_protection_profiles))
        wt_rules_listed(k, WT_RULE_SERVER_SRTP_PROFILE, WT_SET_SRTP_PROFILES, e.use_srtp.srtp_protection_profiles.p,
                        wt_codes_at(e.use_srtp.srtp_protection_profiles, 0));
}
