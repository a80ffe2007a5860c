/* What the library beside programs has to know of a libssl, and nothing else. STUB is its number: each has an SSL_CTX
 * of its own layout, and dies of one that is another's, as a libssl would. STUB_KEYLOG: it has key-log callbacks, as
 * OpenSSL since 1.1.1; STUB_NEW_EX: SSL_CTX_new_ex(), as OpenSSL since 3.0. Without both it is like LibreSSL 2. */
#include <stdlib.h>

#define VISIBLE __attribute__((visibility("default")))
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef void keylog_callback(const SSL *ssl, const char *line);

struct ssl_method_st {
    int number;
};

struct ssl_ctx_st {
    int number;
    char before[64 * STUB];
    keylog_callback *callback;
    void *data[4];
};

struct ssl_st {
    SSL_CTX *ctx;
};

VISIBLE const struct ssl_method_st *TLS_method(void);
VISIBLE SSL_CTX *SSL_CTX_new(const struct ssl_method_st *method);
VISIBLE void SSL_CTX_free(SSL_CTX *ctx);
VISIBLE void stub_handshake(SSL_CTX *ctx);

static SSL_CTX *own(SSL_CTX *ctx)
{
    if (!ctx || ctx->number != STUB)
        abort();
    return ctx;
}

const struct ssl_method_st *TLS_method(void)
{
    static const struct ssl_method_st method = {STUB};
    return &method;
}

SSL_CTX *SSL_CTX_new(const struct ssl_method_st *method)
{
    SSL_CTX *ctx = method && method->number == STUB ? calloc(1, sizeof *ctx) : NULL;
    if (ctx)
        ctx->number = STUB;
    return ctx;
}

void SSL_CTX_free(SSL_CTX *ctx)
{
    free(own(ctx));
}

#ifdef STUB_NEW_EX
VISIBLE SSL_CTX *SSL_CTX_new_ex(void *context, const char *properties, const struct ssl_method_st *method);
SSL_CTX *SSL_CTX_new_ex(void *context, const char *properties, const struct ssl_method_st *method)
{
    (void)context;
    (void)properties;
    return SSL_CTX_new(method);
}
#endif

#ifdef STUB_KEYLOG
VISIBLE void SSL_CTX_set_keylog_callback(SSL_CTX *ctx, keylog_callback *callback);
VISIBLE keylog_callback *SSL_CTX_get_keylog_callback(const SSL_CTX *ctx);
VISIBLE SSL_CTX *SSL_get_SSL_CTX(const SSL *ssl);
VISIBLE int SSL_CTX_set_ex_data(SSL_CTX *ctx, int index, void *data);
VISIBLE void *SSL_CTX_get_ex_data(const SSL_CTX *ctx, int index);
VISIBLE int CRYPTO_get_ex_new_index(int kind, long a, void *b, void *c, void *d, void *e);

void SSL_CTX_set_keylog_callback(SSL_CTX *ctx, keylog_callback *callback)
{
    own(ctx)->callback = callback;
}

keylog_callback *SSL_CTX_get_keylog_callback(const SSL_CTX *ctx)
{
    return own((SSL_CTX *)ctx)->callback;
}

SSL_CTX *SSL_get_SSL_CTX(const SSL *ssl)
{
    return own(ssl->ctx);
}

int SSL_CTX_set_ex_data(SSL_CTX *ctx, int index, void *data)
{
    own(ctx)->data[index] = data;
    return 1;
}

void *SSL_CTX_get_ex_data(const SSL_CTX *ctx, int index)
{
    return own((SSL_CTX *)ctx)->data[index];
}

int CRYPTO_get_ex_new_index(int kind, long a, void *b, void *c, void *d, void *e)
{
    static int next = 1;
    (void)kind, (void)a, (void)b, (void)c, (void)d, (void)e;
    return next++;
}
#endif

/* A connection's one line: its random is the number of the libssl. */
void stub_handshake(SSL_CTX *ctx)
{
    SSL ssl = {own(ctx)};
    if (ctx->callback)
        ctx->callback(&ssl,
                      "CLIENT_RANDOM 000000000000000000000000000000000000000000000000000000000000000" TEXT(
                          STUB) " 00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                                "0000000000000000");
}
