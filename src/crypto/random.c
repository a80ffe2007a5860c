#include "crypto/random.h"

#include <openssl/err.h>
#include <openssl/rand.h>

static bool given(bool have, void *out, size_t n)
{
    if (!have) {
        wt_wipe(out, n);
        ERR_clear_error();
    }
    return have;
}

bool wt_random_public(const struct wt_random *random, enum wt_random_use use, void *out, size_t n)
{
    return given(random->fill ? random->fill(random->context, use, 0, out, n)
                              : RAND_bytes_ex(wt_crypto_context(random->crypto), out, n, 0) == 1,
                 out, n);
}

bool wt_random_private(const struct wt_random *random, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    return given(random->fill ? random->fill(random->context, use, group, out, n)
                              : RAND_priv_bytes_ex(wt_crypto_context(random->crypto), out, n, 0) == 1,
                 out, n);
}
