/* Who uses a libssl of stub_ssl.c: a part of the program stub_talk, and a module that it opens. */
#include "stub_use.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef void keylog_callback(const SSL *ssl, const char *line);

const void *TLS_method(void);
SSL_CTX *SSL_CTX_new(const void *method);
void SSL_CTX_free(SSL_CTX *ctx);
void stub_handshake(SSL_CTX *ctx);

#ifdef STUB_KEYLOG
void SSL_CTX_set_keylog_callback(SSL_CTX *ctx, keylog_callback *callback);
keylog_callback *SSL_CTX_get_keylog_callback(const SSL_CTX *ctx);

static void own_callback(const SSL *ssl, const char *line)
{
    (void)ssl;
    printf("own %s\n", line);
}
#endif

int stub_use(int asks)
{
    SSL_CTX *(*new_ex)(void *, const char *, const void *) = NULL;
    if (asks)
        *(void **)&new_ex = dlsym(RTLD_DEFAULT, "SSL_CTX_new_ex");
    SSL_CTX *ctx = new_ex ? new_ex(NULL, NULL, TLS_method()) : SSL_CTX_new(TLS_method());
    if (!ctx)
        return 1;
#ifdef STUB_KEYLOG
    if (SSL_CTX_get_keylog_callback(ctx))
        return 2;
    SSL_CTX_set_keylog_callback(ctx, own_callback);
    if (SSL_CTX_get_keylog_callback(ctx) != own_callback)
        return 3;
#endif
    stub_handshake(ctx);
    SSL_CTX_free(ctx);
    return 0;
}
