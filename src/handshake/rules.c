/* The table of the rules, and which message is held against which. */
#include "handshake/rules_check.h"

static const struct wt_rule rules[] = {
#define WT_RULE(id, code, alert, field, registry, rule) {WT_##code, WT_ALERT_##alert, WT_REG_##registry, field, rule},
#include "handshake/rules.def"
#undef WT_RULE
};

const struct wt_rule *wt_rule_of(enum wt_rule_id id)
{
    return &rules[id];
}

void wt_rules_broken(const struct wt_rules_case *k, enum wt_rule_id id, const uint8_t *at, uint64_t value,
                     uint64_t bound)
{
    const struct wt_rule *rule = &rules[id];
    if (k->out->count == WT_LIMIT_BREACHES) {
        k->out->more++;
        return;
    }
    k->out->list[k->out->count++] = (struct wt_breach){
        .error = {.code = (enum wt_code)rule->code,
                  .field = rule->field,
                  .offset = at && at >= k->body.p && at < k->body.p + k->body.n ? (uint64_t)(at - k->body.p) : 0,
                  .value = value,
                  .bound = bound,
                  .rule = rule->rule},
        .rule = (uint8_t)id,
        .alert = rule->alert,
        .side = (uint8_t)k->side};
}

void wt_rules_share_length(const struct wt_rules_case *k, enum wt_rule_id rule, uint16_t group, struct wt_span share)
{
    const struct wt_group *g = wt_group_find(group);
    if (g && g->kind == WT_GROUP_FF && g->bits && share.n != g->bits / 8u)
        wt_rules_broken(k, rule, share.p - 2, share.n, g->bits / 8u);
}

void wt_rules_listed(const struct wt_rules_case *k, enum wt_rule_id rule, enum wt_offer_set set, const uint8_t *at,
                     uint16_t code)
{
    if (wt_agreed_has(k->agreed, set, code) == WT_IS_NOT)
        wt_rules_broken(k, rule, at, code, 0);
}

bool wt_rules_body(const struct wt_extensions *extensions, uint16_t id, enum wt_ext_where where, union wt_ext_body *out,
                   const uint8_t **at)
{
    static const struct wt_codec_context none;
    struct wt_span body;
    enum wt_code code;
    if (!wt_extensions_take(extensions, id, &none, where, out, &body, &code))
        return false;
    if (at)
        *at = body.p - 4;
    return code == WT_OK;
}

void wt_rules_check(const struct wt_agreed *agreed, unsigned side, const struct wt_message_body *m, struct wt_span body,
                    struct wt_breaches *out)
{
    /* cppcheck-suppress ctuuninitvar ; *out is what this fills */
    const struct wt_rules_case k = {agreed, side, body, out};
    out->count = out->more = 0;
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        wt_rules_client_hello(&k, &m->client_hello);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        wt_rules_server_hello(&k, &m->server_hello);
        break;
    default:
        wt_rules_later(&k, m);
        break;
    }
}

uint8_t wt_rules_alert_of(const struct wt_error *error)
{
    switch (error->code) {
    case WT_VALUE:
    case WT_DUPLICATE:
    case WT_MISMATCH:
        return WT_ALERT_ILLEGAL_PARAMETER;
    case WT_MISSING:
        return WT_ALERT_MISSING_EXTENSION;
    case WT_LIMIT:
    case WT_MEMORY:
    case WT_NO_SPACE:
        return WT_ALERT_INTERNAL_ERROR;
    case WT_UNSUPPORTED:
        return WT_ALERT_HANDSHAKE_FAILURE;
    default:
        return WT_ALERT_DECODE_ERROR;
    }
}
