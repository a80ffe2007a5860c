#include "crypto/idea.h"

#include "base/memory.h"

#include <gcrypt.h>
#include <pthread.h>
#include <stdlib.h>

struct wt_idea {
    gcry_cipher_hd_t handle;
    bool seal;
};

/* A program that uses libgcrypt itself has done this before us. Its locked memory is none that we use. */
static void start_library(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) || !gcry_check_version(NULL))
        return;
    (void)gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    (void)gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

bool wt_idea_available(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    return pthread_once(&once, start_library) == 0 && gcry_cipher_test_algo(GCRY_CIPHER_IDEA) == 0;
}

struct wt_idea *wt_idea_new(const uint8_t *key, bool seal)
{
    struct wt_idea *c = wt_idea_available() ? wt_calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->seal = seal;
    if (gcry_cipher_open(&c->handle, GCRY_CIPHER_IDEA, GCRY_CIPHER_MODE_CBC, 0) == 0 &&
        gcry_cipher_setkey(c->handle, key, WT_IDEA_KEY) == 0)
        return c;
    wt_idea_free(c);
    return NULL;
}

void wt_idea_free(struct wt_idea *c)
{
    if (!c)
        return;
    gcry_cipher_close(c->handle); /* wipes the key; NULL is let pass */
    free(c);
}

bool wt_idea_cbc(const struct wt_idea *c, const uint8_t *iv, struct wt_span in, uint8_t *out)
{
    if (in.n == 0)
        return true;
    if (in.n % WT_IDEA_BLOCK || gcry_cipher_setiv(c->handle, iv, WT_IDEA_BLOCK) != 0)
        return false;
    /* without an input of its own it works in place */
    const uint8_t *from = out == in.p ? NULL : in.p;
    const size_t n = from ? in.n : 0;
    return (c->seal ? gcry_cipher_encrypt(c->handle, out, in.n, from, n)
                    : gcry_cipher_decrypt(c->handle, out, in.n, from, n)) == 0;
}
