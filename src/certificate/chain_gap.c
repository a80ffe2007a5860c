/* Whether a missing issuer is an intermediate, which had to be sent, or a root, which need not be. */
#include "certificate/chain_gap.h"

#include <openssl/x509v3.h>

#include <string.h>
#include <strings.h>

/* RFC 5280, 4.2.2.1: where the issuer's certificate can be fetched. */
static bool names_its_issuers_place(X509 *x)
{
    AUTHORITY_INFO_ACCESS *aia = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_ACCESS_DESCRIPTION_num(aia); i++)
        found = OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(aia, i)->method) == NID_ad_ca_issuers;
    AUTHORITY_INFO_ACCESS_free(aia);
    return found;
}

enum above { NOT_SAID, ITSELF, ANOTHER };

/* RFC 5280, 4.2.1.1: authorityCertIssuer is the name of the issuer of the issuer's certificate. */
static enum above issuer_of_issuer(X509 *x)
{
    AUTHORITY_KEYID *id = X509_get_ext_d2i(x, NID_authority_key_identifier, NULL, NULL);
    enum above said = NOT_SAID;
    for (int i = 0; id && said == NOT_SAID && i < sk_GENERAL_NAME_num(id->issuer); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(id->issuer, i);
        if (name->type == GEN_DIRNAME)
            said = X509_NAME_cmp(name->d.directoryName, X509_get_issuer_name(x)) ? ANOTHER : ITSELF;
    }
    AUTHORITY_KEYID_free(id);
    return said;
}

/* A CA certificate that was sent and could not be joined to the path. */
static bool stands_apart(const struct wt_judgement *v)
{
    for (size_t i = 1; i < v->sent_count; i++) {
        const struct wt_certificate_facts *f = v->sent[i];
        bool joined = !f->parsed || !f->is_ca || (v->missing && f->subject && !strcmp(f->subject, v->missing));
        for (size_t at = 0; !joined && at < v->path_count; at++)
            joined = v->path[at] == f;
        if (!joined)
            return true;
    }
    return false;
}

/* Words in the names of CAs. */
static enum above issuer_by_name(X509 *x)
{
    static const char *const between[] = {"intermed",    "inter ca", "inter-ca", "issuing", "signing",
                                          "subordinate", "sub ca",   "sub-ca",   "subca"};
    char name[128];
    int n = X509_NAME_get_text_by_NID(X509_get_issuer_name(x), NID_commonName, name, (int)sizeof name);
    if (n <= 0 || strcasestr(name, "root"))
        return n <= 0 ? NOT_SAID : ITSELF;
    for (size_t i = 0; i < sizeof between / sizeof *between; i++)
        if (strcasestr(name, between[i]))
            return ANOTHER;
    return NOT_SAID;
}

bool wt_chain_gap_other_key(struct wt_judge *j, struct wt_judgement *v, X509 *last, const STACK_OF(X509) * sent)
{
    bool other = false;
    for (int i = 0; i < sk_X509_num(sent); i++) {
        X509 *x = sk_X509_value(sent, i);
        EVP_PKEY *key = X509_get0_pubkey(x);
        if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(last)))
            continue;
        switch (key ? wt_judge_is_signed(j, last, key) : WT_NOT_SIGNED) {
        case WT_SIGNED:
            return false;
        case WT_SIGNED_TOO_DEAR:
            v->untried = WT_UNTRIED_KEY;
            return false;
        case WT_SIGNED_OVERSPENT:
            v->untried = WT_UNTRIED_WORK;
            return false;
        default:
            other = true;
        }
    }
    return other;
}

enum wt_chain_why wt_chain_gap_evidence(const struct wt_judgement *v, X509 *last)
{
    enum above said = issuer_of_issuer(last);
    if (said == ANOTHER)
        return WT_CHAIN_NAMED_ABOVE;
    if (said == ITSELF)
        return WT_CHAIN_WHY_NONE;
    if (stands_apart(v))
        return WT_CHAIN_APART;
    said = issuer_by_name(last);
    /* Only the leaf, which says where its issuer's certificate can be fetched: that is done by CAs whose roots sign
     * no leaves. */
    if (said != ITSELF && v->sent_count == 1 && names_its_issuers_place(last))
        return WT_CHAIN_ALONE;
    return said == ANOTHER ? WT_CHAIN_CALLED_SO : WT_CHAIN_WHY_NONE;
}
