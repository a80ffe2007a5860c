/* What the programs in C have in common: words KEY=VALUE, files, sockets, and the line for each connection. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"
#define REQUEST "GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n"

static char **given;

static inline _Noreturn void give_up(const char *what, int code)
{
    printf("failed: %s: %d (-0x%x)\n", what, code, code < 0 ? (unsigned)-code : (unsigned)code);
    exit(1);
}

/* NULL: it was not said. */
static inline const char *word(const char *key)
{
    const size_t n = strlen(key);
    for (char **w = given; *w; w++)
        if (!strncmp(*w, key, n) && (*w)[n] == '=')
            return *w + n + 1;
    return NULL;
}

static inline bool is(const char *key, const char *value)
{
    return word(key) && !strcmp(word(key), value);
}

static inline int number(const char *key)
{
    return word(key) ? atoi(word(key)) : 0;
}

/* The i-th of the groups; false past the last. */
static inline bool group(size_t i, char *out, size_t room)
{
    const char *p = word("groups");
    for (; p && i; i--)
        p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL;
    if (p)
        (void)snprintf(out, room, "%.*s", (int)strcspn(p, ","), p);
    return p != NULL;
}

static inline unsigned char *load(const char *path, size_t *n)
{
    enum { MOST = 65536 };
    unsigned char *bytes = calloc(1, MOST);
    FILE *f = fopen(path, "rb");
    if (!f || !bytes)
        give_up(path, 0);
    *n = fread(bytes, 1, MOST - 1, f);
    (void)fclose(f);
    return bytes;
}

static inline int loopback(bool listens)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)number("port"))};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || (listens ? bind(fd, (struct sockaddr *)&to, sizeof to) || listen(fd, 8)
                           : connect(fd, (struct sockaddr *)&to, sizeof to)))
        give_up("socket", fd);
    return fd;
}

/* resumed: -1: the library does not say. suite NULL: likewise. */
static inline void tell(const char *version, const char *suite, int resumed, const char *alpn)
{
    printf("{\"version\": \"%s\"", version);
    if (suite)
        printf(", \"cipher_suite\": \"%s\"", suite);
    if (resumed >= 0)
        printf(", \"resumed\": %s", resumed ? "true" : "false");
    printf(alpn ? ", \"alpn\": \"%s\"}\n" : ", \"alpn\": null}\n", alpn);
    (void)fflush(stdout);
}

static void serve(void);
static void connect_to(void);

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    given = argv + 2;
    !strcmp(argv[1], "server") ? serve() : connect_to();
    return 0;
}
