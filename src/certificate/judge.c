/* What is trusted: libcrypto's store, filled from the system and what was given. */
#include "certificate/judge.h"

#include "base/memory.h"
#include "certificate/authorities.h"
#include "certificate/bundle.h"
#include "certificate/judgements.h"

#include <openssl/x509_vfy.h>

#include <dirent.h>
#include <stdlib.h>

static bool drop(void *judge)
{
    return wt_judgements_drop(judge);
}

struct wt_judge *wt_judge_new(struct wt_crypto *crypto, struct wt_certificates *certificates,
                              const struct wt_trust *trust)
{
    struct wt_judge *j = wt_calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->crypto = crypto;
    j->certificates = certificates;
    j->trust = trust ? trust : &j->own;
    wt_certificates_on_full(certificates, drop, j);
    return j;
}

void wt_judge_free(struct wt_judge *j)
{
    if (!j)
        return;
    wt_certificates_on_full(j->certificates, NULL, NULL);
    wt_judgements_clear(j);
    wt_authorities_free(j->authorities);
    X509_STORE_free(j->store);
    X509_LOOKUP_meth_free(j->method);
    wt_bundle_free(j->bundle);
    free(j->slots);
    free(j);
}

X509 *wt_judge_x509_of(struct wt_judge *j, struct wt_span der)
{
    return wt_x509_read(j->crypto, &der);
}

X509 *wt_judge_x509(struct wt_judge *j, const struct wt_certificate_facts *facts)
{
    return wt_certificates_x509(j->certificates, facts);
}

/* Whether a directory holds certificates under the hashes of their subjects: "5ed36f99.0". */
static bool has_hashes(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *e;
    bool found = false;
    while (dir && !found && (e = readdir(dir)))
        found = strlen(e->d_name) > 9 && e->d_name[8] == '.' && strspn(e->d_name, "0123456789abcdef") == 8;
    if (dir)
        (void)closedir(dir);
    return found;
}

static bool add_directory(struct wt_judge *j, const char *path)
{
    X509_LOOKUP *lookup = has_hashes(path) ? X509_STORE_add_lookup(j->store, X509_LOOKUP_hash_dir()) : NULL;
    return lookup && X509_LOOKUP_add_dir(lookup, path, X509_FILETYPE_PEM);
}

static bool add_file(struct wt_judge *j, const char *path)
{
    j->bundle = wt_bundle_open(j, path);
    return j->bundle && wt_bundle_look_up(j);
}

/* libcrypto's default paths, and the variables that change them. A directory is searched by name; the default file
 * has the same certificates and is only read if there is no directory. */
static bool add_system(struct wt_judge *j)
{
    const char *file = secure_getenv(X509_get_default_cert_file_env());
    const char *paths = secure_getenv(X509_get_default_cert_dir_env());
    bool found = file && add_file(j, file);
    if (file && !paths)
        return found;
    paths = paths ? paths : X509_get_default_cert_dir();
    while (*paths) {
        char path[4096];
        size_t n = strcspn(paths, ":");
        if (n && n < sizeof path) {
            memcpy(path, paths, n);
            path[n] = '\0';
            found |= add_directory(j, path);
        }
        paths += n + (paths[n] != '\0');
    }
    if (!found && !file)
        found = add_file(j, X509_get_default_cert_file());
    return found;
}

/* Certificates that were given to complete chains are looked for by their names. */
static void fill_pool(struct wt_judge *j)
{
    for (size_t i = 0; i < j->trust->untrusted_count; i++) {
        X509 *x = wt_judge_x509_of(j, j->trust->untrusted[i]);
        if (x)
            (void)wt_authorities_give(j->authorities, x, j->trust->untrusted[i]);
        X509_free(x);
    }
}

enum wt_signed wt_judge_is_signed(struct wt_judge *j, X509 *below, EVP_PKEY *key)
{
    switch (wt_work_spend(wt_crypto_work(j->crypto), wt_price_of(key))) {
    case WT_TOO_DEAR:
        return WT_SIGNED_TOO_DEAR;
    case WT_OVERSPENT:
        return WT_SIGNED_OVERSPENT;
    default:
        return X509_verify(below, key) == 1 ? WT_SIGNED : WT_NOT_SIGNED;
    }
}

bool wt_judge_open(struct wt_judge *j)
{
    if (j->tried)
        return j->store;
    j->tried = true;
    j->slots = wt_calloc(WT_JUDGE_SLOTS, sizeof(struct wt_judgement *));
    j->authorities = wt_authorities_new(j->certificates);
    j->store = j->slots && j->authorities ? X509_STORE_new() : NULL;
    if (!j->store)
        return false;
    bool found = !j->trust->no_system && add_system(j);
    for (size_t i = 0; i < j->trust->path_count; i++)
        found |= add_directory(j, j->trust->paths[i]);
    for (size_t i = 0; i < j->trust->anchor_count; i++) {
        X509 *x = wt_judge_x509_of(j, j->trust->anchors[i]);
        found |= x && X509_STORE_add_cert(j->store, x);
        X509_free(x);
    }
    j->empty = !found;
    fill_pool(j);
    return true;
}
