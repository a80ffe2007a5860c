/* Secrets and protectors: which of them start is said by the flow's table. */
#include "endpoint/secrets.h"

#include "base/memory.h"
#include "endpoint/early.h"
#include "endpoint/failure.h"
#include "endpoint/offers.h"
#include "endpoint/tap.h"
#include "handshake/keys12.h"
#include "keys/keylog.h"

/* --- key log ------------------------------------------------------------------------------------------------------ */

void wt_endpoint_keylog(struct wt_endpoint *e, const char *label, struct wt_span secret)
{
    struct wt_buffer line = {0};
    if (!e->party->o.keylog && !wt_tap_wants_secrets(e))
        return;
    (void)wt_buffer_room(&line, 256 + 2 * WT_DIGEST_MOST);
    if (wt_buffer_add_text(&line, label) && wt_buffer_add_char(&line, ' ') &&
        wt_buffer_add_hex(&line, wt_span_of(e->h.agreed.offered.random, 32)) && wt_buffer_add_char(&line, ' ') &&
        wt_buffer_add_hex(&line, secret) && wt_buffer_add(&line, "", 1)) {
        if (e->party->o.keylog)
            e->party->o.keylog(e->party->o.context, (const char *)line.p);
        wt_tap_secret(e, (const char *)line.p);
    }
    wt_buffer_wipe(&line);
}

/* --- protectors --------------------------------------------------------------------------------------------------- */

/* Records of an endpoint are opened in a way that does not show how they are wrong: there is no other way to keys. */
static struct wt_record_protector *protector(const struct wt_endpoint *e, struct wt_side_keys *keys, bool seal)
{
    keys->how.endpoint = true;
    return wt_record_protector_new(e->party->crypto, &keys->how, seal, NULL);
}

static bool install(struct wt_endpoint *e, unsigned side, struct wt_record_protector *protector)
{
    struct wt_record_protector **at = side == e->side ? &e->seal : &e->open;
    if (!protector)
        return wt_endpoint_broken(e);
    wt_record_protector_free(*at);
    *at = protector;
    return true;
}

static size_t digest_length(const struct wt_endpoint *e)
{
    const struct wt_hash_info *hash = wt_hash_info_of(wt_handshake_hash(&e->h));
    return hash ? hash->length : 0;
}

struct wt_span wt_endpoint_secret(const struct wt_endpoint *e, unsigned side)
{
    return e->h.agreed.chosen.tls13 ? wt_span_of(e->secret[side], digest_length(e))
                                    : wt_span_of(e->secret[0], WT_MASTER);
}

/* The traffic keys of the secret of that side. */
static bool install13(struct wt_endpoint *e, unsigned side)
{
    const struct wt_suite *suite = wt_suite_find(e->h.agreed.chosen.suite);
    struct wt_side_keys keys;
    struct wt_schedule s;
    bool ok = wt_keys13_schedule(&e->h, NULL, &s) && wt_keys13_keys(&s, suite, wt_endpoint_secret(e, side), &keys) &&
              install(e, side, protector(e, &keys, side == e->side));
    wt_wipe(&keys, sizeof keys);
    return ok || wt_endpoint_broken(e);
}

/* --- TLS 1.3 ------------------------------------------------------------------------------------------------------ */

static void log13(struct wt_endpoint *e, enum wt_epoch epoch, uint8_t (*secrets)[WT_DIGEST_MOST])
{
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
        wt_endpoint_keylog(e, wt_label_name(wt_keys13_label(side, epoch)), wt_span_of(secrets[side], digest_length(e)));
}

struct wt_keys13_input wt_endpoint_keys13_input(struct wt_endpoint *e)
{
    return (struct wt_keys13_input){e->x->psk, wt_span_of(e->x->shared.bytes, e->x->shared.n), &e->x->trunk};
}

/* Both sides' traffic secrets of an epoch. */
static bool derive13(struct wt_endpoint *e, enum wt_epoch epoch, uint8_t (*out)[WT_DIGEST_MOST])
{
    const struct wt_keys13_input in = wt_endpoint_keys13_input(e);
    struct wt_schedule s;
    bool ok = wt_keys13_schedule(&e->h, NULL, &s);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER && ok; side++)
        ok = wt_keys13_traffic(&e->h, &s, &in, side, epoch, out[side]);
    if (ok && epoch == WT_EPOCH_TRAFFIC)
        ok = wt_keys13_exporter(&e->h, &s, &in, e->exporter);
    if (!ok)
        return wt_endpoint_broken(e);
    log13(e, epoch, out);
    if (epoch == WT_EPOCH_TRAFFIC)
        wt_endpoint_keylog(e, wt_label_name(WT_LABEL_EXPORTER), wt_span_of(e->exporter, digest_length(e)));
    return true;
}

/* Of the session's suite: none is chosen yet (RFC 8446, 4.2.10). Its length; 0: failed. */
static size_t early_secret(struct wt_endpoint *e, struct wt_schedule *s, uint8_t *secret)
{
    const struct wt_session *session = &e->x->session;
    const struct wt_suite *suite = wt_suite_find(session->suite);
    const struct wt_keys13_input in = {.psk = wt_span_of(session->secret, session->secret_length)};
    size_t n = wt_schedule_start(s, e->party->crypto, (enum wt_hash_id)suite->prf, WT_TLS13, NULL)
                   ? wt_keys13_traffic(&e->h, s, &in, WT_CLIENT, WT_EPOCH_EARLY, secret)
                   : 0;
    if (n)
        wt_endpoint_keylog(e, wt_label_name(WT_LABEL_EARLY_TRAFFIC), wt_span_of(secret, n));
    return n;
}

/* It was made with the ClientHello, before there was a tap. */
void wt_endpoint_tell_early(struct wt_endpoint *e)
{
    uint8_t secret[WT_DIGEST_MOST];
    struct wt_schedule s;
    if (e->side == WT_CLIENT && e->x && e->x->early.offered && e->seal)
        (void)early_secret(e, &s, secret);
    wt_wipe(secret, sizeof secret);
}

bool wt_endpoint_early_keys(struct wt_endpoint *e)
{
    const struct wt_suite *suite = wt_suite_find(e->x->session.suite);
    uint8_t secret[WT_DIGEST_MOST];
    struct wt_side_keys keys;
    struct wt_schedule s;
    size_t n = early_secret(e, &s, secret);
    bool ok = n && wt_keys13_keys(&s, suite, wt_span_of(secret, n), &keys) &&
              install(e, WT_CLIENT, protector(e, &keys, e->side == WT_CLIENT));
    wt_wipe(secret, sizeof secret);
    wt_wipe(&keys, sizeof keys);
    return ok || wt_endpoint_broken(e);
}

static bool handshake13(struct wt_endpoint *e, bool both)
{
    if (!derive13(e, WT_EPOCH_HANDSHAKE, e->secret) || !install13(e, WT_SERVER))
        return false;
    if (e->side == WT_SERVER && e->x->early.open)
        return wt_endpoint_early_keys(e);
    return !both || install13(e, WT_CLIENT);
}

static bool application13(struct wt_endpoint *e, unsigned side)
{
    if (side == WT_SERVER && !derive13(e, WT_EPOCH_TRAFFIC, e->next))
        return false;
    memcpy(e->secret[side], e->next[side], sizeof e->next[side]);
    wt_wipe(e->next[side], sizeof e->next[side]);
    return install13(e, side);
}

/* RFC 8446, 7.2. */
static bool update13(struct wt_endpoint *e, unsigned side)
{
    struct wt_schedule s;
    if (!wt_keys13_schedule(&e->h, NULL, &s) || !wt_traffic_update(&s, e->secret[side]))
        return wt_endpoint_broken(e);
    return install13(e, side);
}

/* --- up to TLS 1.2 ------------------------------------------------------------------------------------------------ */

/* RFC 5246, 6.3: the pending states of both directions, out of the master secret. */
bool wt_endpoint_pending(struct wt_endpoint *e)
{
    struct wt_side_keys keys[2];
    struct wt_protector_pair *p = &e->x->pending;
    bool ok = wt_keys12_keys(&e->h, e->secret[0], NULL, keys) == WT_KEYS_OK;
    if (ok) {
        p->seal = protector(e, &keys[e->side], true);
        p->open = protector(e, &keys[e->peer], false);
    }
    wt_wipe(keys, sizeof keys);
    wt_endpoint_keylog(e, "CLIENT_RANDOM", wt_span_of(e->secret[0], WT_MASTER));
    return (ok && p->seal && p->open) || wt_endpoint_broken(e);
}

bool wt_endpoint_master(struct wt_endpoint *e, struct wt_span premaster)
{
    return wt_keys12_master(&e->h, premaster, NULL, e->secret[0]) == WT_KEYS_OK ? wt_endpoint_pending(e)
                                                                                : wt_endpoint_broken(e);
}

static bool current(struct wt_endpoint *e, unsigned side)
{
    struct wt_record_protector **from = side == e->side ? &e->x->pending.seal : &e->x->pending.open;
    struct wt_record_protector *protector = *from;
    *from = NULL;
    if (side == e->side)
        e->seals_cbc = wt_offers_is_cbc(e->h.agreed.chosen.suite);
    return install(e, side, protector);
}

/* --- the flow's rows ---------------------------------------------------------------------------------------------- */

bool wt_endpoint_keys(struct wt_endpoint *e, enum wt_flow_keys keys)
{
    switch (keys) {
    case WT_KEYS_NONE:
        return true;
    case WT_KEYS_CLIENT_EARLY:
        return wt_early_start(e);
    case WT_KEYS_CLIENT_PENDING:
        return current(e, WT_CLIENT);
    case WT_KEYS_SERVER_PENDING:
        return current(e, WT_SERVER);
    case WT_KEYS_CLIENT_HANDSHAKE:
        return install13(e, WT_CLIENT);
    case WT_KEYS_SERVER_HANDSHAKE:
        return handshake13(e, false);
    case WT_KEYS_BOTH_HANDSHAKE:
        return handshake13(e, true);
    case WT_KEYS_CLIENT_APPLICATION:
        return application13(e, WT_CLIENT);
    case WT_KEYS_SERVER_APPLICATION:
        return application13(e, WT_SERVER);
    case WT_KEYS_CLIENT_UPDATE:
        return update13(e, WT_CLIENT);
    case WT_KEYS_SERVER_UPDATE:
        return update13(e, WT_SERVER);
    }
    return true;
}
