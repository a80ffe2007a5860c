/* A client or a server of ours on the loopback, for tests against other libraries: connections one after the other, and
 * one line of what each was.
 *
 *     peer client PORT CA COUNT [OPTION...]        peer server PORT CHAIN KEY COUNT [OPTION...]
 *
 * Options: 1.2, psk=HEX (identity "us"), psk_ke, early, cookie, sha384, suite=HEX, no_etm, limit=BYTES, fragment=BYTES,
 * padding=BYTES, grease, inflates. */
#include "wiretale/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.0\r\n\r\n", answer[] = "HTTP/1.0 200 ok\r\n\r\nhello\n";

static struct wt_external_psk psk;
static uint8_t psk_key[64];

static _Noreturn void give_up(const char *what)
{
    printf("failed: %s\n", what);
    exit(1);
}

static void take_key(const char *hex)
{
    size_t n = 0;
    for (unsigned byte; n < sizeof psk_key && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
        psk_key[n] = (uint8_t)byte;
    psk.identity = (struct wt_span){(const uint8_t *)"us", 2};
    psk.key = (struct wt_span){psk_key, n};
}

static void take_suite(struct wt_endpoint_options *o, const char *hex)
{
    static uint16_t suite;
    suite = (uint16_t)strtoul(hex, NULL, 16);
    o->suites = &suite;
    o->suite_count = 1;
}

static void take_options(struct wt_endpoint_options *o, char **words, unsigned role)
{
    for (; *words; words++) {
        if (!strcmp(*words, "1.2"))
            o->max_version = 0x0303;
        else if (!strcmp(*words, "early"))
            o->early_data = 10000;
        else if (!strcmp(*words, "cookie"))
            o->cookie = true;
        else if (!strcmp(*words, "psk_ke"))
            o->psk_ke = true;
        else if (!strcmp(*words, "sha384"))
            psk.sha384 = true;
        else if (!strcmp(*words, "no_etm"))
            o->without_encrypt_then_mac = true;
        else if (!strcmp(*words, "grease"))
            o->grease = true;
        else if (!strcmp(*words, "inflates"))
            o->inflates = true;
        else if (!strncmp(*words, "suite=", 6))
            take_suite(o, *words + 6);
        else if (!strncmp(*words, "limit=", 6))
            o->record_size_limit = (uint16_t)atoi(*words + 6);
        else if (!strncmp(*words, "fragment=", 9))
            o->max_fragment_length = (uint16_t)atoi(*words + 9);
        else if (!strncmp(*words, "padding=", 8))
            o->padding = (uint16_t)atoi(*words + 8);
        else if (!strncmp(*words, "psk=", 4))
            take_key(*words + 4);
    }
    psk.role = (uint8_t)role;
    o->psks = &psk;
    o->psk_count = psk.key.n != 0;
}

static char *read_file(const char *path, size_t *n)
{
    char *text = malloc(65536);
    FILE *f = fopen(path, "rb");
    if (!f || !text)
        give_up(path);
    *n = fread(text, 1, 65536, f);
    (void)fclose(f);
    return text;
}

static void report(struct wt_endpoint *e, size_t got)
{
    struct wt_endpoint_info info;
    wt_endpoint_info(e, &info);
    const struct wt_finding *why = wt_endpoint_why(e);
    printf("version %04x resumed %d early %d psk %d retried %d group %04x suite %04x etm %d got %d why %s\n",
           info.version, info.resumed, info.early_data_accepted, info.psk.n != 0, info.retried, info.group, info.suite,
           info.encrypt_then_mac, got != 0, why ? why->id : "-");
    (void)fflush(stdout);
}

/* One connection, to its end; the server answers the first data and ends it. */
static void talk(struct wt_endpoint *e, int fd, bool serves)
{
    uint8_t bytes[16384];
    size_t got = 0;
    for (unsigned wants; !((wants = wt_endpoint_wants(e)) & WT_ENDED);) {
        struct wt_span s = wt_endpoint_outgoing(e);
        if (wants & WT_HAS_BYTES) {
            ssize_t n = write(fd, s.p, s.n);
            n > 0 ? wt_endpoint_sent(e, (size_t)n) : wt_endpoint_closed(e, false);
        } else if (wants & WT_HAS_DATA) {
            s = wt_endpoint_data(e);
            if (serves && !got) {
                (void)wt_endpoint_write(e, answer, sizeof answer - 1);
                wt_endpoint_end(e);
            }
            got += s.n;
            wt_endpoint_taken(e, s.n);
        } else if (!(wants & WT_WANTS_BYTES)) { /* TLS 1.3: the server is at its end, and waits for ours */
            wt_endpoint_end(e);
        } else {
            ssize_t n = read(fd, bytes, sizeof bytes);
            n > 0 ? (void)wt_endpoint_receive(e, bytes, (size_t)n) : wt_endpoint_closed(e, n == 0);
        }
    }
    report(e, got);
}

static int loopback(int port, bool listens)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int failed = listens ? bind(fd, (struct sockaddr *)&to, sizeof to) || listen(fd, 8)
                         : connect(fd, (struct sockaddr *)&to, sizeof to);
    if (fd < 0 || failed)
        give_up("socket");
    return fd;
}

static void client(char **words)
{
    struct wt_endpoint_options o = {.size = sizeof o, .host = "www.example.com"};
    struct wt_trust *trust = wt_trust_new();
    enum wt_problem_id why;
    size_t n;
    char *ca = read_file(words[1], &n);
    if (!wt_trust_add_ca(trust, ca, n, &why))
        give_up("ca");
    o.trust = trust;
    take_options(&o, words + 3, WT_CLIENT);
    struct wt_party *party = wt_client_new(&o, NULL);
    for (int i = 0; party && i < atoi(words[2]); i++) {
        struct wt_endpoint *e = wt_client_connect(party, NULL, (int64_t)time(NULL) * 1000);
        int fd = loopback(atoi(words[0]), false);
        (void)wt_endpoint_write(e, request, sizeof request - 1);
        talk(e, fd, false);
        wt_endpoint_free(e);
        (void)close(fd);
    }
    wt_party_free(party);
    wt_trust_free(trust);
    free(ca);
}

static void server(char **words)
{
    struct wt_endpoint_options o = {.size = sizeof o};
    enum wt_problem_id why;
    size_t chain_n, key_n;
    char *chain = read_file(words[1], &chain_n), *key = read_file(words[2], &key_n);
    const struct wt_identity *identity = wt_identity_new(chain, chain_n, key, key_n, NULL, &why);
    o.identities = &identity;
    o.identity_count = identity != NULL;
    take_options(&o, words + 4, WT_SERVER);
    struct wt_party *party = wt_server_new(&o, NULL);
    if (!party)
        give_up("server");
    int listening = loopback(atoi(words[0]), true);
    puts("ready");
    (void)fflush(stdout);
    for (int i = 0; i < atoi(words[3]); i++) {
        int fd = accept(listening, NULL, NULL);
        struct wt_endpoint *e = wt_server_accept(party, (int64_t)time(NULL) * 1000);
        talk(e, fd, true);
        wt_endpoint_free(e);
        (void)close(fd);
    }
    (void)close(listening);
    wt_party_free(party);
    wt_identity_free((struct wt_identity *)identity);
    free(chain);
    free(key);
}

int main(int argc, char **argv)
{
    if (argc > 4 && !strcmp(argv[1], "client"))
        client(argv + 2);
    else if (argc > 5 && !strcmp(argv[1], "server"))
        server(argv + 2);
    else
        return 2;
    return 0;
}
