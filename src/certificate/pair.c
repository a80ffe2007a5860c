#include "certificate/pair.h"

#include "registry/limits.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static enum wt_pair_role role(bool signs, bool encrypts)
{
    if (signs && encrypts)
        return WT_PAIR_EITHER;
    return signs ? WT_PAIR_SIGNING : encrypts ? WT_PAIR_ENCRYPTION : WT_PAIR_NEITHER;
}

enum wt_pair_role wt_pair_role_of(struct wt_crypto *crypto, struct wt_span der)
{
    X509 *x = wt_x509_read(crypto, &der);
    enum wt_pair_role found = WT_PAIR_NEITHER;
    if (x && !(X509_get_extension_flags(x) & EXFLAG_CA)) {
        const uint32_t usage = X509_get_key_usage(x); /* all bits where there is no such extension */
        found = role(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION),
                     usage & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT));
    }
    X509_free(x);
    ERR_clear_error();
    return found;
}

static bool has(const struct wt_certificate_facts *f, const char *usage)
{
    for (size_t i = 0; i < f->key_usage.count; i++)
        if (strcmp(f->key_usage.items[i], usage) == 0)
            return true;
    return false;
}

enum wt_pair_role wt_pair_role_of_facts(const struct wt_certificate_facts *f)
{
    if (!f->parsed || f->is_ca)
        return WT_PAIR_NEITHER;
    if (!f->key_usage.count)
        return WT_PAIR_EITHER;
    return role(has(f, "digitalSignature") || has(f, "nonRepudiation"),
                has(f, "keyEncipherment") || has(f, "dataEncipherment") || has(f, "keyAgreement"));
}

static size_t first(const uint8_t *roles, size_t count, enum wt_pair_role wanted, size_t other)
{
    for (size_t i = 0; i < count; i++)
        if (roles[i] == wanted && i != other)
            return i;
    return SIZE_MAX;
}

struct wt_pair wt_pair_of(const uint8_t *roles, size_t count)
{
    struct wt_pair pair = {first(roles, count, WT_PAIR_SIGNING, SIZE_MAX),
                           first(roles, count, WT_PAIR_ENCRYPTION, SIZE_MAX)};
    if (pair.signing == SIZE_MAX)
        pair.signing = first(roles, count, WT_PAIR_EITHER, SIZE_MAX);
    if (pair.encryption == SIZE_MAX)
        pair.encryption = first(roles, count, WT_PAIR_EITHER, pair.signing);
    return pair;
}

struct wt_pair wt_pair_of_facts(const struct wt_certificate_facts *const *certificates, size_t count)
{
    uint8_t roles[WT_LIMIT_CHAIN_JUDGED];
    const size_t n = count < WT_LIMIT_CHAIN_JUDGED ? count : WT_LIMIT_CHAIN_JUDGED;
    for (size_t i = 0; i < n; i++)
        roles[i] = (uint8_t)wt_pair_role_of_facts(certificates[i]);
    return wt_pair_of(roles, n);
}
