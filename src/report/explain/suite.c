/* A cipher suite taken apart: key exchange, authentication, cipher, hash. */
#include "report/explain/suite.h"

#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/explain/tables.h"
#include "report/text/names.h"
#include "report/text/text.h"

#include <stdio.h>

static const char *translated(const char *text)
{
    return text ? _(text) : NULL;
}

const char *wt_explain_suite_brief(struct wt_text *x, uint16_t id)
{
    static _Thread_local char room[160];
    const struct wt_suite *s = wt_suite_find(id);
    if (!s || s->cipher >= WT_CIPHER_COUNT)
        return NULL;
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)s->kx);
    const struct wt_auth_info *auth = wt_auth_info_of((enum wt_auth)s->auth);
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)(s->mac ? s->mac : s->prf));
    (void)x;
    if (s->kx == WT_KX_TLS13)
        (void)snprintf(room, sizeof room, "%s · %s", cipher ? cipher->name : "?", hash ? hash->name : "?");
    else
        (void)snprintf(room, sizeof room, "%s · %s · %s · %s", kx ? kx->name : "?", auth ? auth->name : "?",
                       cipher ? cipher->name : "?", hash ? hash->name : "?");
    return room;
}

static void part(struct wt_text *x, unsigned indent, const char *what, const char *name, const char *text)
{
    struct wt_term *t = &x->term;
    unsigned column = indent + 2 + 16;
    wt_term_to(t, indent + 2);
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_text(t, what);
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_text(t, " ");
    wt_term_to(t, column);
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_text(t, name);
    wt_term_style(t, WT_STYLE_PLAIN);
    if (text) {
        wt_term_text(t, _(": "));
        wt_term_wrap(t, column, x->prose, text);
    }
    wt_term_end(t);
}

/* What the suite's last word is for: that differs by version and by kind of cipher. */
static const char *hash_role(const struct wt_text *x, const struct wt_suite *s)
{
    if (s->kx == WT_KX_TLS13)
        return _("the hash for HKDF, which derives all secrets, and for the transcript. Records need none: the cipher "
                 "authenticates them itself.");
    if (s->mac && x->c->version == WT_TLS12)
        return _("the hash for the HMAC that protects each record. The PRF uses SHA-256 unless the suite specifies a "
                 "longer one (RFC 5246, 5).");
    if (s->mac && x->c->version == WT_SSL3)
        return _("the hash for the MAC that protects each record, in SSL 3.0's own construction. Keys are derived with "
                 "MD5 and SHA-1 together.");
    if (s->mac)
        return _("the hash for the HMAC that protects each record. Up to TLS 1.1 keys are derived with MD5 and SHA-1 "
                 "together, regardless of the suite.");
    if (s->prf)
        return _("the hash for the PRF, which derives the keys and computes verify_data. Records need none: the cipher "
                 "authenticates them itself.");
    return _("none: records are not authenticated.");
}

void wt_explain_suite(struct wt_text *x, uint16_t id, unsigned indent)
{
    const struct wt_suite *s = wt_suite_find(id);
    char line[256];
    (void)snprintf(line, sizeof line, _("Cipher suite: %s (0x%04x)"), wt_text_name(x, WT_REG_CIPHER_SUITE, id), id);
    wt_explain_say(x, indent, line);
    if (!s || s->cipher >= WT_CIPHER_COUNT) {
        wt_explain_say(x, indent + 2, _("Not in any known registry."));
        return;
    }
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)s->kx);
    const struct wt_auth_info *auth = wt_auth_info_of((enum wt_auth)s->auth);
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)(s->mac ? s->mac : s->prf));
    if (kx)
        part(x, indent, _("key exchange"), kx->name, translated(wt_explain_key_exchange((enum wt_kx)s->kx)));
    if (auth)
        part(x, indent, _("authentication"), auth->name, translated(wt_explain_authentication((enum wt_auth)s->auth)));
    if (cipher)
        part(x, indent, _("cipher"), cipher->name, translated(wt_explain_cipher((enum wt_cipher_id)s->cipher)));
    if (hash)
        part(x, indent, _("hash"), hash->name, hash_role(x, s));
    if (s->rfc) {
        (void)snprintf(line, sizeof line,
                       s->recommended ? _("Defined in %s; recommended by IANA.")
                                      : _("Defined in %s; not recommended by IANA."),
                       s->rfc);
        wt_explain_say(x, indent + 2, line);
    }
}
