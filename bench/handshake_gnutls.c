#include "handshake.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

struct side {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    gnutls_datum_t session, ticket_key;
    bool server, resume;
};

struct connection {
    gnutls_session_t session;
    struct side *side;
    const struct bytes *in;
    size_t at;
    struct bytes *out;
    bool done;
};

static void side_free(void *side)
{
    struct side *s = side;
    if (!s)
        return;
    gnutls_certificate_free_credentials(s->credentials);
    gnutls_priority_deinit(s->priority);
    gnutls_free(s->session.data);
    gnutls_free(s->ticket_key.data);
    free(s);
}

static gnutls_datum_t datum(const char *text)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
}

static void *side_new(const struct scenario *scenario, const struct material *m, bool server)
{
    struct side *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->server = server;
    s->resume = scenario->resumed;
    const char *priority = scenario->tls13
                               ? "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519:-CIPHER-ALL:+AES-128-GCM"
                               : "NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:"
                                 "-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM";
    bool ok = gnutls_certificate_allocate_credentials(&s->credentials) == 0 &&
              gnutls_priority_init(&s->priority, priority, NULL) == 0;
    gnutls_datum_t ca = datum(m->ca), chain = datum(m->chain[scenario->rsa]), key = datum(m->key[scenario->rsa]);
    if (server)
        ok = ok && gnutls_certificate_set_x509_key_mem(s->credentials, &chain, &key, GNUTLS_X509_FMT_PEM) >= 0 &&
             gnutls_session_ticket_key_generate(&s->ticket_key) == 0;
    else
        ok = ok && gnutls_certificate_set_x509_trust_mem(s->credentials, &ca, GNUTLS_X509_FMT_PEM) > 0;
    if (ok)
        return s;
    side_free(s);
    return NULL;
}

static ssize_t push(gnutls_transport_ptr_t context, const void *p, size_t n)
{
    struct connection *c = context;
    if (n > BYTES - c->out->n)
        return -1;
    memcpy(c->out->p + c->out->n, p, n);
    c->out->n += n;
    return (ssize_t)n;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *p, size_t n)
{
    struct connection *c = context;
    size_t left = c->in ? c->in->n - c->at : 0;
    if (!left) {
        gnutls_transport_set_errno(c->session, 11); /* EAGAIN */
        return -1;
    }
    if (n > left)
        n = left;
    memcpy(p, c->in->p + c->at, n);
    c->at += n;
    return (ssize_t)n;
}

static int pull_timeout(gnutls_transport_ptr_t context, unsigned ms)
{
    const struct connection *c = context;
    (void)ms;
    return c->in && c->in->n > c->at;
}

static void *connection(void *side)
{
    struct side *s = side;
    struct connection *c = calloc(1, sizeof *c);
    unsigned flags =
        (s->server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK | (s->resume ? 0 : GNUTLS_NO_TICKETS);
    if (!c || gnutls_init(&c->session, flags) != 0) {
        free(c);
        return NULL;
    }
    c->side = s;
    gnutls_priority_set(c->session, s->priority);
    gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, s->credentials);
    gnutls_transport_set_ptr(c->session, c);
    gnutls_transport_set_push_function(c->session, push);
    gnutls_transport_set_pull_function(c->session, pull);
    gnutls_transport_set_pull_timeout_function(c->session, pull_timeout);
    gnutls_handshake_set_timeout(c->session, 0);
    if (s->server && s->resume)
        gnutls_session_ticket_enable_server(c->session, &s->ticket_key);
    if (!s->server) {
        gnutls_server_name_set(c->session, GNUTLS_NAME_DNS, "www.example.com", 15);
        gnutls_session_set_verify_cert(c->session, "www.example.com", 0);
        if (s->session.data)
            gnutls_session_set_data(c->session, s->session.data, s->session.size);
    }
    return c;
}

static void keep_session(struct connection *c)
{
    gnutls_datum_t session;
    if (c->side->server || !c->side->resume || gnutls_session_get_data2(c->session, &session) != 0)
        return;
    gnutls_free(c->side->session.data);
    c->side->session = session;
}

static bool step(void *connection, const struct bytes *in, struct bytes *out, bool *done)
{
    struct connection *c = connection;
    char byte;
    c->in = in;
    c->at = 0;
    c->out = out;
    out->n = 0;
    if (!c->done) {
        int result = gnutls_handshake(c->session);
        if (result < 0 && gnutls_error_is_fatal(result))
            return false;
        c->done = result == 0;
    }
    if (c->done && in->n > c->at)
        (void)gnutls_record_recv(c->session, &byte, 1);
    if (c->done)
        keep_session(c);
    *done = c->done;
    return true;
}

static bool resumed(void *connection)
{
    return gnutls_session_is_resumed(((struct connection *)connection)->session);
}

static void connection_free(void *connection)
{
    gnutls_deinit(((struct connection *)connection)->session);
    free(connection);
}

static bool seal(void *connection, const uint8_t *p, size_t n, struct bytes *out)
{
    struct connection *c = connection;
    c->out = out;
    out->n = 0;
    return gnutls_record_send(c->session, p, n) == (ssize_t)n;
}

static size_t open_data(void *connection, const struct bytes *in)
{
    static uint8_t room[BYTES];
    struct connection *c = connection;
    size_t sum = 0;
    c->in = in;
    c->at = 0;
    for (ssize_t n; (n = gnutls_record_recv(c->session, room, sizeof room)) > 0;)
        sum += (size_t)n;
    return sum;
}

const struct library gnutls = {"GnuTLS", side_new,        side_free, connection, step,
                               resumed,  connection_free, seal,      open_data};
