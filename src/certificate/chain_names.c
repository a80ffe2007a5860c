/* Whether a certificate is for the host that was asked for, and whose names say that it was made on the way. */
#include "certificate/chain_names.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>
#include <strings.h>

bool wt_chain_names_match(struct wt_judge *j, const struct wt_judgement *judgement, const char *host)
{
    struct wt_judgement *v = (struct wt_judgement *)(uintptr_t)judgement;
    size_t n = strlen(host);
    for (size_t i = 0; i < sizeof v->names / sizeof *v->names; i++)
        if (v->names[i].known && !strcmp(v->names[i].name, host))
            return v->names[i].matches;
    X509 *leaf = wt_judge_x509(j, v->sent[0]);
    ERR_set_mark();
    /* RFC 9525, 6.3: names are matched without regard to case; a wildcard is the whole of the left-most label. */
    bool matches = leaf && (X509_check_ip_asc(leaf, host, 0) == 1 ||
                            X509_check_host(leaf, host, n, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1);
    ERR_pop_to_mark();
    X509_free(leaf);
    if (n < sizeof v->names->name) {
        struct wt_judged_name *name = &v->names[v->next_name];
        v->next_name = (uint8_t)((v->next_name + 1u) % (sizeof v->names / sizeof *v->names));
        memcpy(name->name, host, n + 1);
        name->known = true;
        name->matches = matches;
    }
    return matches;
}

static const char *inspector_of(const char *issuer)
{
    static const struct {
        const char *pattern, *product;
    } products[] = {
#define WT_INSPECTOR(pattern, product) {pattern, product},
#include "certificate/inspectors.def"
#undef WT_INSPECTOR
    };
    for (size_t i = 0; issuer && i < sizeof products / sizeof *products; i++)
        if (strcasestr(issuer, products[i].pattern))
            return products[i].product;
    return NULL;
}

const char *wt_chain_names_inspector(const struct wt_judgement *v)
{
    const char *product = NULL;
    for (size_t i = 0; i < v->sent_count && !product; i++)
        if (v->sent[i]->parsed)
            product = inspector_of(v->sent[i]->issuer);
    return product;
}
