/* Linked into the program, and into modules that the program opens: each has a libssl of its own, as far as it knows.
 */
#include "speak.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

static speak_line *own_line;

static void own_callback(const SSL *ssl, const char *line)
{
    (void)ssl;
    own_line(line);
}

VISIBLE void *speak_begin(speak_line *own)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || SSL_CTX_get_keylog_callback(ctx))
        return NULL;
    if (!own)
        return ctx;
    own_line = own;
    SSL_CTX_set_keylog_callback(ctx, own_callback);
    if (SSL_CTX_get_keylog_callback(ctx) != own_callback)
        return NULL;
    /* taken away and given back: what counts is the last word */
    SSL_CTX_set_keylog_callback(ctx, NULL);
    if (SSL_CTX_get_keylog_callback(ctx))
        return NULL;
    SSL_CTX_set_keylog_callback(ctx, own_callback);
    return ctx;
}

VISIBLE int speak_end(void *context, int port)
{
    SSL_CTX *ctx = context;
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0), failed = 1;
    char buffer[256];
    SSL *ssl = ctx ? SSL_new(ctx) : NULL;
    if (ssl && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 && SSL_set_fd(ssl, fd) == 1 &&
        SSL_connect(ssl) == 1 && SSL_write(ssl, "x", 1) == 1) {
        while (SSL_read(ssl, buffer, sizeof buffer) > 0)
            ;
        failed = 0;
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(fd);
    return failed;
}
