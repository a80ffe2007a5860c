/* A page from a server by TLS, and where that fails, why.
 *
 *     cc get.c $(pkg-config --cflags --libs wiretale) -o get && ./get www.example.com 443 / [CA.pem]
 *
 * The endpoint does the protocol; sockets, and when to read and write, are the program's. */
#include <wiretale/wiretale.h>

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int fd = -1;
    if (getaddrinfo(host, port, &hints, &list))
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* One step of whatever can go on: bytes to the server, data from it, bytes from it. */
static void go_on(struct wt_endpoint *e, int fd)
{
    const unsigned wants = wt_endpoint_wants(e);
    if (wants & WT_HAS_BYTES) {
        struct wt_span bytes = wt_endpoint_outgoing(e);
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        n > 0 ? wt_endpoint_sent(e, (size_t)n) : wt_endpoint_closed(e, false);
    } else if (wants & WT_HAS_DATA) {
        struct wt_span data = wt_endpoint_data(e);
        (void)fwrite(data.p, 1, data.n, stdout);
        wt_endpoint_taken(e, data.n);
    } else {
        size_t room = 0;
        uint8_t *p = wt_endpoint_room(e, &room);
        ssize_t n = p ? read(fd, p, room) : -1;
        n > 0 ? wt_endpoint_received(e, (size_t)n) : wt_endpoint_closed(e, n == 0);
    }
}

static int get(struct wt_party *client, int fd, const char *host, const char *path)
{
    char request[1024];
    const int length = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, host);
    struct wt_endpoint *e = wt_client_connect(client, host, (int64_t)time(NULL) * 1000);
    if (!e || length < 0 || (size_t)length >= sizeof request)
        return 1;
    (void)wt_endpoint_write(e, request, (size_t)length); /* waits for the handshake */
    while (!(wt_endpoint_wants(e) & WT_ENDED))
        go_on(e, fd);
    const struct wt_finding *why = wt_endpoint_why(e);
    const int status = why && why->severity == WT_FATAL;
    if (why)
        fprintf(stderr, "%s: %s %s\n", why->id, why->text, why->advice ? why->advice : "");
    wt_endpoint_free(e);
    return status;
}

/* What servers are judged by: the authorities in a file. */
static struct wt_trust *trust_of(const char *path)
{
    static char pem[1 << 18];
    FILE *file = fopen(path, "rb");
    const size_t n = file ? fread(pem, 1, sizeof pem, file) : 0;
    struct wt_trust *trust = wt_trust_new();
    enum wt_problem_id why;
    if (file)
        fclose(file);
    if (trust && wt_trust_add_ca(trust, pem, n, &why))
        return trust;
    fprintf(stderr, "%s: %s\n", path, file && trust ? wt_problem_text(why) : "cannot be read");
    wt_trust_free(trust);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: get HOST PORT PATH [CA.pem]\n");
        return 2;
    }
    struct wt_trust *trust = argc > 4 ? trust_of(argv[4]) : NULL; /* without: the system's */
    if (argc > 4 && !trust)
        return 2;
    const struct wt_endpoint_options options = {.size = sizeof options, .trust = trust};
    struct wt_error error;
    struct wt_party *client = wt_client_new(&options, &error);
    const int fd = client ? connect_to(argv[1], argv[2]) : -1;
    if (client && fd < 0)
        fprintf(stderr, "no connection to %s, port %s\n", argv[1], argv[2]);
    const int status = fd < 0 ? 1 : get(client, fd, argv[1], argv[3]);
    if (fd >= 0)
        close(fd);
    wt_party_free(client);
    wt_trust_free(trust);
    return status;
}
