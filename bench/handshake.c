/* handshake: CPU time of handshakes and of records, in memory, both seats in one process, against libssl and GnuTLS.
 *
 *     handshake [--runs N] [--handshakes N] [--only NAME]
 *     handshake --instructions [--only NAME]
 *     handshake --once LIBRARY SCENARIO SIDE N
 *
 * Each run does N handshakes of a scenario with each library in turn; what is printed are the medians over the runs,
 * per handshake and side, beside the goals. The floor is what the bare primitives of the handshake cost, by libcrypto's
 * EVP functions. --once does nothing but handshakes of one library, for callgrind: SIDE client or server says whose
 * calls are inside toggled(), --toggle-collect='toggled*' (the compiler may append to the name). --instructions has
 * callgrind count them for each library and side. */
#include "handshake.h"

#include <malloc.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIDES = 2, RUNS_MOST = 99, LIBRARIES = 3 };

static const struct scenario scenarios[] = {
    {"1.3 ECDSA", true, false, false},
    {"1.2 ECDSA", false, false, false},
    {"1.3 resumed", true, true, false},
    {"1.3 RSA-2048", true, false, true},
};

static const struct library *const libraries[] = {
    &ours,
    &openssl,
#ifdef WITH_GNUTLS
    &gnutls,
#endif
};
enum { COUNT = sizeof libraries / sizeof *libraries };

static void die(const char *what)
{
    fprintf(stderr, "handshake: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- handshakes --------------------------------------------------------------------------------------------------- */

static unsigned collected = SIDES; /* whose steps callgrind counts */

/* What one side is asked for. */
struct act {
    enum { BEGINS, STEPS, ENDS } what;
    void *side, *connection;
    const struct bytes *in;
    struct bytes *out;
    bool *done, ok;
};

static void perform(const struct library *l, struct act *a)
{
    switch (a->what) {
    case BEGINS:
        a->connection = l->connection(a->side);
        a->ok = a->connection;
        break;
    case STEPS:
        a->ok = l->step(a->connection, a->in, a->out, a->done);
        break;
    case ENDS:
        l->connection_free(a->connection);
        break;
    }
}

__attribute__((noinline)) static void toggled(const struct library *l, struct act *a)
{
    perform(l, a);
}

static void timed(const struct library *l, unsigned side, struct act *a, double spent[SIDES])
{
    double start = now();
    if (side == collected)
        toggled(l, a);
    else
        perform(l, a);
    spent[side] += now() - start;
}

/* One handshake, until neither side has anything to say. */
static void handshake(const struct library *l, void *sides[SIDES], double spent[SIDES], bool *resumed,
                      void *keep[SIDES])
{
    static struct bytes bytes[SIDES]; /* that side's newest */
    void *c[SIDES];
    bool done[SIDES] = {false, false};
    for (unsigned side = 0; side < SIDES; side++) {
        struct act begin = {.what = BEGINS, .side = sides[side]};
        timed(l, side, &begin, spent);
        c[side] = begin.connection;
        if (!begin.ok)
            die("no connection");
    }
    bytes[1].n = 0;
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned side = 0; side < SIDES; side++) {
            struct act step = {STEPS, NULL, c[side], &bytes[!side], &bytes[side], &done[side], false};
            timed(l, side, &step, spent);
            if (!step.ok)
                die("a handshake failed");
        }
        if (done[0] && done[1] && !bytes[0].n && !bytes[1].n)
            break;
    }
    if (!done[0] || !done[1])
        die("a handshake did not end");
    *resumed = l->resumed(c[0]);
    for (unsigned side = 0; side < SIDES; side++) {
        struct act end = {.what = ENDS, .connection = c[side]};
        if (keep)
            keep[side] = c[side];
        else
            timed(l, side, &end, spent);
    }
}

struct figures {
    double side[SIDES][RUNS_MOST];
};

static bool run(const struct library *l, const struct scenario *s, const struct material *m, unsigned count,
                unsigned run, struct figures *out)
{
    void *sides[SIDES] = {l->side(s, m, false), l->side(s, m, true)};
    double spent[SIDES] = {0, 0};
    bool resumed = false, ok = sides[0] && sides[1];
    if (ok) {
        handshake(l, sides, spent, &resumed, NULL); /* fetches, and gives the first ticket */
        spent[0] = spent[1] = 0;
        for (unsigned i = 0; i < count; i++) {
            handshake(l, sides, spent, &resumed, NULL);
            ok = ok && resumed == s->resumed;
        }
        for (unsigned side = 0; side < SIDES; side++)
            out->side[side][run] = spent[side] / count;
    }
    for (unsigned side = 0; side < SIDES; side++)
        l->side_free(sides[side]);
    return ok;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

/* --- the floor ---------------------------------------------------------------------------------------------------- */

struct primitives {
    EVP_PKEY *x25519, *ec, *rsa;
    EVP_MD *sha256;
};

static double time_of(bool (*once)(const struct primitives *p), const struct primitives *p)
{
    enum { TIMES = 300 };
    double best = 1e9;
    for (unsigned round = 0; round < 5; round++) {
        double start = now();
        for (unsigned i = 0; i < TIMES; i++)
            if (!once(p))
                die("a primitive failed");
        double each = (now() - start) / TIMES;
        best = each < best ? each : best;
    }
    return best;
}

static bool key_pair(const struct primitives *p)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(p->x25519, NULL);
    EVP_PKEY *key = NULL;
    bool ok = EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_keygen(ctx, &key) == 1;
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool agreement(const struct primitives *p)
{
    uint8_t secret[32];
    size_t n = sizeof secret;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(p->x25519, NULL);
    bool ok = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, p->x25519) == 1 &&
              EVP_PKEY_derive(ctx, secret, &n) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static uint8_t signature[512];
static size_t signature_n;

static bool sign_with(EVP_PKEY *key)
{
    static const uint8_t digest[32];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    signature_n = sizeof signature;
    bool ok = EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
              EVP_PKEY_sign(ctx, signature, &signature_n, digest, sizeof digest) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool verify_with(EVP_PKEY *key)
{
    static const uint8_t digest[32];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok = EVP_PKEY_verify_init(ctx) == 1 && EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
              EVP_PKEY_verify(ctx, signature, signature_n, digest, sizeof digest) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool sign_ec(const struct primitives *p)
{
    return sign_with(p->ec);
}

static bool verify_ec(const struct primitives *p)
{
    return verify_with(p->ec);
}

static bool sign_rsa(const struct primitives *p)
{
    return sign_with(p->rsa);
}

static bool verify_rsa(const struct primitives *p)
{
    return verify_with(p->rsa);
}

/* Seconds of a scenario's primitives, by side: key pair, agreement, signature or its verification. A client verifies
 * the certificate's once more; who remembers the chain does not. */
static void floor_of(const struct scenario *s, const struct primitives *p, double out[SIDES])
{
    double exchange = time_of(key_pair, p) + time_of(agreement, p);
    out[0] = out[1] = exchange;
    if (s->resumed)
        return;
    out[1] += time_of(s->rsa ? sign_rsa : sign_ec, p);
    out[0] += time_of(s->rsa ? verify_rsa : verify_ec, p);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

enum { RECORD = 1 << 14, BATCH = 32, BATCHES = 125 }; /* asking for the time costs as much as a quarter of a record */

/* Where sealed records go, the bare cipher's as well: more than a processor's first caches hold. */
static struct bytes records[BATCH];

static double speed_of(const struct library *l, const struct material *m, double *open_speed)
{
    static uint8_t plain[RECORD];
    void *sides[SIDES] = {l->side(&scenarios[0], m, false), l->side(&scenarios[0], m, true)}, *c[SIDES];
    double spent[SIDES] = {0, 0}, sealing = 0, opening = 0;
    bool resumed;
    if (!sides[0] || !sides[1])
        die("records");
    handshake(l, sides, spent, &resumed, c);
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        double start = now();
        for (unsigned i = 0; i < BATCH; i++)
            if (!l->seal(c[0], plain, sizeof plain, &records[i]))
                die("a record was not sealed");
        double between = now();
        for (unsigned i = 0; i < BATCH; i++)
            if (l->open(c[1], &records[i]) != sizeof plain)
                die("a record was not opened");
        sealing += between - start;
        opening += now() - between;
    }
    for (unsigned side = 0; side < SIDES; side++) {
        l->connection_free(c[side]);
        l->side_free(sides[side]);
    }
    *open_speed = (double)BATCHES * BATCH * RECORD / opening / 1e6;
    return (double)BATCHES * BATCH * RECORD / sealing / 1e6;
}

/* The bare cipher, as `openssl speed -evp aes-128-gcm -aead -bytes 16384` has it. */
static double cipher_speed(void)
{
    static uint8_t in[RECORD];
    uint8_t key[16] = {0}, iv[12] = {0}, tag[16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;
    EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, iv);
    double start = now();
    for (unsigned i = 0; i < BATCHES * BATCH; i++) {
        uint8_t *out = records[i % BATCH].p;
        EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, iv);
        EVP_EncryptUpdate(ctx, NULL, &n, iv, 5);
        EVP_EncryptUpdate(ctx, out, &n, in, RECORD);
        EVP_EncryptFinal_ex(ctx, out + n, &n);
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag);
    }
    double spent = now() - start;
    EVP_CIPHER_CTX_free(ctx);
    return (double)BATCHES * BATCH * RECORD / spent / 1e6;
}

static void bench_records(const struct material *m, unsigned runs)
{
    double speeds[COUNT][SIDES][RUNS_MOST], bare[RUNS_MOST];
    for (unsigned r = 0; r < runs; r++) {
        for (size_t k = 0; k < COUNT; k++)
            speeds[k][0][r] = speed_of(libraries[k], m, &speeds[k][1][r]);
        bare[r] = cipher_speed();
    }
    double floor = median(bare, runs);
    printf("\nrecords of 16 KiB, AES-128-GCM, memory to memory; bare cipher: %.0f MB/s\n", floor);
    double libssl[SIDES] = {median(speeds[1][0], runs), median(speeds[1][1], runs)};
    for (size_t k = 0; k < COUNT; k++) {
        double seal = median(speeds[k][0], runs), open = median(speeds[k][1], runs);
        printf("  %-10s seal %6.0f MB/s   open %6.0f MB/s", libraries[k]->name, seal, open);
        if (k == 0)
            printf("   of the cipher: %.2f, %.2f (goal 0.85)   of libssl's: %.2f, %.2f (goal 1.00)", seal / floor,
                   open / floor, seal / libssl[0], open / libssl[1]);
        puts("");
    }
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* What the system's allocator has given, its own overhead included, for each side of idle established connections. */
static void bench_memory(const struct material *m)
{
    enum { PAIRS = 500 };
    static void *c[PAIRS][SIDES];
    printf("\nmemory of an idle established connection (TLS 1.3), bytes of heap\n");
    for (size_t k = 0; k < COUNT; k++) {
        const struct library *l = libraries[k];
        void *sides[SIDES] = {l->side(&scenarios[0], m, false), l->side(&scenarios[0], m, true)};
        double spent[SIDES] = {0, 0};
        bool resumed;
        size_t each[SIDES];
        if (!sides[0] || !sides[1])
            die("memory");
        for (unsigned i = 0; i < PAIRS; i++)
            handshake(l, sides, spent, &resumed, c[i]);
        for (unsigned side = 0; side < SIDES; side++) {
            size_t before = mallinfo2().uordblks;
            for (unsigned i = 0; i < PAIRS; i++)
                l->connection_free(c[i][side]);
            each[side] = (before - mallinfo2().uordblks) / PAIRS;
        }
        printf("  %-10s client %6zu   server %6zu%s\n", l->name, each[0], each[1], k == 0 ? "   (goal 6,144)" : "");
        for (unsigned side = 0; side < SIDES; side++)
            l->side_free(sides[side]);
    }
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* Of libssl's and GnuTLS's, by scenario: client, server; 0: none. */
static const double goals[][2][SIDES] = {
    {{0.50, 0.55}, {0.70, 1.00}},
    {{0.80, 0.80}, {0, 0}},
    {{0.60, 0.60}, {0, 0}},
    {{0, 0.90}, {0, 0}},
};

static void print_side(size_t scenario, unsigned side, double figures[COUNT], double floor)
{
    printf("  %-7s", side ? "server" : "client");
    for (size_t k = 0; k < COUNT; k++)
        if (figures[k] > 0)
            printf("  %s %7.1f µs", libraries[k]->name, figures[k] * 1e6);
        else
            printf("  %s      –   ", libraries[k]->name);
    printf("   floor %6.1f µs", floor * 1e6);
    if (figures[0] > 0)
        printf("   %.2f × floor (goal 2)", figures[0] / floor);
    for (size_t k = 1; k < COUNT && figures[0] > 0; k++) {
        double goal = goals[scenario][k - 1][side];
        if (figures[k] <= 0)
            continue;
        printf("   %.2f × %s", figures[0] / figures[k], libraries[k]->name);
        if (goal > 0)
            printf(" (goal %.2f%s)", goal, figures[0] / figures[k] <= goal ? "" : ", NOT MET");
    }
    puts("");
}

static void bench(size_t scenario, const struct material *m, const struct primitives *p, unsigned runs, unsigned count)
{
    static struct figures figures[COUNT];
    bool ok[COUNT];
    double floors[SIDES];
    memset(ok, 1, sizeof ok);
    for (unsigned r = 0; r < runs; r++)
        for (size_t k = 0; k < COUNT; k++)
            ok[k] = ok[k] && run(libraries[k], &scenarios[scenario], m, count, r, &figures[k]);
    floor_of(&scenarios[scenario], p, floors);
    printf("\nTLS %s, X25519: CPU of one handshake, medians of %u runs of %u\n", scenarios[scenario].name, runs, count);
    for (unsigned side = 0; side < SIDES; side++) {
        double medians[COUNT];
        for (size_t k = 0; k < COUNT; k++)
            medians[k] = ok[k] ? median(figures[k].side[side], runs) : 0;
        print_side(scenario, side, medians, floors[side]);
    }
}

static int once(char **argv, const struct material *m)
{
    unsigned count = (unsigned)atoi(argv[3]);
    bool resumed;
    for (size_t k = 0; k < COUNT; k++)
        for (size_t s = 0; s < sizeof scenarios / sizeof *scenarios; s++) {
            if (strcmp(libraries[k]->name, argv[0]) != 0 || strcmp(scenarios[s].name, argv[1]) != 0)
                continue;
            void *sides[SIDES] = {libraries[k]->side(&scenarios[s], m, false),
                                  libraries[k]->side(&scenarios[s], m, true)};
            double spent[SIDES] = {0, 0};
            handshake(libraries[k], sides, spent, &resumed, NULL);
            collected = !strcmp(argv[2], "server");
            for (unsigned i = 0; i < count; i++)
                handshake(libraries[k], sides, spent, &resumed, NULL);
            return 0;
        }
    die("there is no such library or scenario");
    return 1;
}

/* Of one handshake, as callgrind counts them when it is given that many; negative: it does not run. */
static double instructions(const char *self, const struct library *l, const struct scenario *s, unsigned side)
{
    enum { TIMES = 20 };
    char command[8192], line[256];
    double sum = -1;
    snprintf(command, sizeof command,
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='toggled*' '%s' --once %s '%s' "
             "%s %d 2>&1",
             self, l->name, s->name, side ? "server" : "client", TIMES);
    FILE *f = popen(command, "r");
    while (f && fgets(line, sizeof line, f)) {
        const char *at = strstr(line, "Collected : ");
        if (at)
            sum = strtod(at + strlen("Collected : "), NULL);
    }
    return f && pclose(f) == 0 ? sum / TIMES : -1;
}

/* Which of them, by name; NULL: all. */
static bool is_chosen(const char *only, const struct scenario *s)
{
    return !only || !strcmp(only, s->name);
}

static bool has_chosen(const char *only)
{
    bool any = false;
    for (size_t s = 0; s < sizeof scenarios / sizeof *scenarios; s++)
        any = any || is_chosen(only, &scenarios[s]);
    for (size_t s = 0; !any && s < sizeof scenarios / sizeof *scenarios; s++)
        fprintf(stderr, "handshake: there is no --only '%s', but '%s'\n", only, scenarios[s].name);
    return any;
}

static void bench_instructions(const char *self, const char *only)
{
    for (size_t s = 0; s < sizeof scenarios / sizeof *scenarios; s++) {
        if (!is_chosen(only, &scenarios[s]))
            continue;
        printf("\nTLS %s, X25519: instructions of one handshake\n", scenarios[s].name);
        for (unsigned side = 0; side < SIDES; side++) {
            double first = 0;
            printf("  %-7s", side ? "server" : "client");
            for (size_t k = 0; k < COUNT; k++) {
                const double n = instructions(self, libraries[k], &scenarios[s], side);
                if (n < 0)
                    printf("  %s      –   ", libraries[k]->name);
                else
                    printf("  %s %9.0f", libraries[k]->name, n);
                if (k == 0)
                    first = n;
                else if (first > 0 && n > 0)
                    printf(" (%.2f)", first / n);
            }
            puts("");
            fflush(stdout);
        }
    }
}

int main(int argc, char **argv)
{
    static const char usage[] =
        "usage: handshake [--runs N] [--handshakes N] [--only NAME], or --instructions [--only NAME]";
    struct material m;
    unsigned runs = 9, count = 300;
    const char *only = NULL;
    if (argc == 6 && !strcmp(argv[1], "--once")) {
        make_material(&m);
        return once(argv + 2, &m);
    }
    const bool counts = argc > 1 && !strcmp(argv[1], "--instructions");
    for (int i = 1 + counts; i < argc; i += 2) {
        if (i + 1 < argc && !strcmp(argv[i], "--only"))
            only = argv[i + 1];
        else if (i + 1 < argc && !counts && !strcmp(argv[i], "--runs"))
            runs = (unsigned)atoi(argv[i + 1]);
        else if (i + 1 < argc && !counts && !strcmp(argv[i], "--handshakes"))
            count = (unsigned)atoi(argv[i + 1]);
        else
            die(usage);
    }
    if (!runs || runs > RUNS_MOST || !count)
        die("--runs 1 to 99, --handshakes at least 1");
    if (!has_chosen(only))
        return 2;
    if (counts) {
        bench_instructions(argv[0], only);
        return 0;
    }
    make_material(&m);
    struct primitives p = {EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), EVP_EC_gen("P-256"), EVP_RSA_gen(2048), NULL};
    for (size_t s = 0; s < sizeof scenarios / sizeof *scenarios; s++)
        if (is_chosen(only, &scenarios[s]))
            bench(s, &m, &p, runs, count);
    if (!only) {
        bench_records(&m, runs);
        bench_memory(&m);
    }
    return 0;
}
