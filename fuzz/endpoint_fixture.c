#include "endpoint_fixture.h"

#include <string.h>

static const char ca[] = "-----BEGIN CERTIFICATE-----\n"
                         "MIIBPjCB8aADAgECAhQl/glws5G9mngeBqn5/HcqcFSg6DAFBgMrZXAwFDESMBAG\n"
                         "A1UEAwwJZnV6eiByb290MCAXDTI2MTIwMTA0Mjc1NloYDzIxMjYxMTA3MDQyNzU2\n"
                         "WjAUMRIwEAYDVQQDDAlmdXp6IHJvb3QwKjAFBgMrZXADIQBUVAFQ3AlGVAzIqnCG\n"
                         "6V5/BfPhRlTkUlVzs5n848SLXqNTMFEwHQYDVR0OBBYEFIuPa7WdL7q6k2o/z9gb\n"
                         "RYo8JyQ6MB8GA1UdIwQYMBaAFIuPa7WdL7q6k2o/z9gbRYo8JyQ6MA8GA1UdEwEB\n"
                         "/wQFMAMBAf8wBQYDK2VwA0EAfgV84hZUPGgaVxzs1nJmCgTGGO4jM5DYdPepEeNr\n"
                         "6MZGu6NPm+MUoNaFYWxYJrdc/iBaZb0bo3mr8f7AKtdqBQ==\n"
                         "-----END CERTIFICATE-----\n";
static const char chain[] = "-----BEGIN CERTIFICATE-----\n"
                            "MIIBPDCB76ADAgECAgEHMAUGAytlcDAUMRIwEAYDVQQDDAlmdXp6IHJvb3QwIBcN\n"
                            "MjYxMjAxMDQyNzU2WhgPMjEyNTA2MjUwNDI3NTZaMBoxGDAWBgNVBAMMD3d3dy5l\n"
                            "eGFtcGxlLmNvbTAqMAUGAytlcAMhAK78krTJCnZ4AT7wIFAA2iJGRf/0KOXzonfh\n"
                            "2LoKV0epo14wXDAaBgNVHREEEzARgg93d3cuZXhhbXBsZS5jb20wHQYDVR0OBBYE\n"
                            "FM7oGlcl8rlN8RaTjJClI+QrT7TjMB8GA1UdIwQYMBaAFIuPa7WdL7q6k2o/z9gb\n"
                            "RYo8JyQ6MAUGAytlcANBAGg/lK+Xx4EdRhOs6xOrhcciK0NdEIkiGOwMSgpTVGCF\n"
                            "GYu5EpijYc7TlOZmWopAkCi/IPqEdmXu56NOXNPBMws=\n"
                            "-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEIAC6S5l3/fPRfLAmTZrjlBZvZXHryfdvJm9/rmX7I38H\n"
                          "-----END PRIVATE KEY-----\n";

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static uint64_t state[2]; /* by side */

static bool next_bytes(void *context, uint8_t *out, size_t n)
{
    uint64_t *s = context;
    for (size_t i = 0; i < n; i++) {
        *s = *s * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*s >> 56);
    }
    return true;
}

/* --- parties ------------------------------------------------------------------------------------------------------ */

static struct wt_trust *trust_once(void)
{
    static struct wt_trust *trust;
    enum wt_problem_id why;
    if (!trust) {
        trust = wt_trust_new();
        wt_trust_without_system(trust);
        hold(wt_trust_add_ca(trust, ca, sizeof ca - 1, &why), "the authority");
    }
    return trust;
}

static const struct wt_identity *const *identities_once(void)
{
    static const struct wt_identity *identities[1];
    enum wt_problem_id why;
    if (!identities[0])
        identities[0] = wt_identity_new(chain, sizeof chain - 1, key, sizeof key - 1, NULL, &why);
    hold(identities[0], "the identity");
    return identities;
}

enum { ONLY_12 = 1, ONLY_13 = 2, REQUEST = 4, PROTOCOLS = 8, RETRY = 16, ANY_CERTIFICATE = 32, OPTIONS = 64 };

static struct wt_party *make(unsigned side, uint8_t options)
{
    static const char *const protocols[] = {"h2", "http/1.1"};
    static const uint16_t groups[2][2] = {{0x001d, 0x0017}, {0x0017, 0x001d}};
    struct wt_error error;
    struct wt_endpoint_options o = {
        .size = sizeof o,
        .host = "www.example.com",
        .trust = trust_once(),
        .identities = identities_once(),
        .identity_count = 1,
        .max_version = options & ONLY_12 ? 0x0303 : 0,
        .min_version = (options & (ONLY_12 | ONLY_13)) == ONLY_13 ? 0x0304 : 0,
        .request = (uint8_t)(options & REQUEST ? WT_REQUEST_OPTIONAL : WT_REQUEST_NONE),
        .alpn = protocols,
        .alpn_count = options & PROTOCOLS ? 2 : 0,
        .groups = groups[side == WT_SERVER && options & RETRY],
        .group_count = side == WT_SERVER && options & RETRY ? 1 : 2,
        .without_verification = options & ANY_CERTIFICATE,
        .without_resumption = side == WT_CLIENT, /* or one run would depend on those before it */
        .random = next_bytes,
        .context = &state[side],
    };
    struct wt_party *party = side == WT_CLIENT ? wt_client_new(&o, &error) : wt_server_new(&o, &error);
    hold(party, "a party");
    return party;
}

struct wt_party *fuzz_party(unsigned side, uint8_t options)
{
    static struct wt_party *parties[2][OPTIONS];
    struct wt_party **at = &parties[side][options % OPTIONS];
    if (!*at)
        *at = make(side, options % OPTIONS);
    return *at;
}

struct wt_endpoint *fuzz_endpoint(unsigned side, uint8_t options)
{
    struct wt_party *party = fuzz_party(side, options);
    state[side] = side + 1;
    struct wt_endpoint *e =
        side == WT_CLIENT ? wt_client_connect(party, NULL, FUZZ_NOW_MS) : wt_server_accept(party, FUZZ_NOW_MS);
    hold(e, "an endpoint");
    return e;
}

/* --- what holds --------------------------------------------------------------------------------------------------- */

void fuzz_check(struct wt_endpoint *e)
{
    unsigned wants = wt_endpoint_wants(e);
    struct wt_endpoint_info info;
    const struct wt_finding *why = wt_endpoint_why(e);
    wt_endpoint_info(e, &info);
    if (wants & WT_ENDED)
        hold(wants == WT_ENDED, "an endpoint that has ended wants something");
    hold(!(wants & WT_HAS_DATA) == !wt_endpoint_data(e).n, "data and the bit that says so");
    hold(!(wants & WT_HAS_BYTES) == !wt_endpoint_outgoing(e).n, "bytes and the bit that says so");
    hold(!(wants & WT_HAS_DATA) || info.established, "data before the handshake's end");
    hold(!info.verified || info.certificate_count || info.resumed, "verified without certificates");
    if (why)
        hold(why->id && why->text && strlen(why->text) < 4096, "a reason without a sentence");
}

bool fuzz_drain(struct wt_endpoint *e)
{
    struct wt_span out = wt_endpoint_outgoing(e), data = wt_endpoint_data(e);
    struct wt_event event;
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < out.n; i++)
        sum = (uint8_t)(sum + out.p[i]);
    wt_endpoint_sent(e, out.n);
    for (size_t i = 0; i < data.n; i++)
        sum = (uint8_t)(sum + data.p[i]);
    wt_endpoint_taken(e, data.n);
    while (wt_endpoint_next_event(e, &event))
        ;
    fuzz_check(e);
    return out.n || data.n;
}

void fuzz_seat(unsigned side, const uint8_t *data, size_t size)
{
    if (size < 2)
        return;
    struct wt_endpoint *e = fuzz_endpoint(side, data[0]);
    const size_t piece = data[1] ? data[1] : SIZE_MAX;
    (void)wt_endpoint_write(e, "hello", 5);
    (void)fuzz_drain(e);
    for (size_t at = 2; at < size;) {
        size_t n = size - at < piece ? size - at : piece, taken = wt_endpoint_receive(e, data + at, n);
        at += taken;
        if (!fuzz_drain(e) && !taken)
            break;
    }
    wt_endpoint_closed(e, size & 1);
    while (fuzz_drain(e))
        ;
    hold(wt_endpoint_wants(e) == WT_ENDED, "it goes on without its transport");
    wt_endpoint_free(e);
}
