/* The certificates of the fuzzers' parties. */
#include "endpoint_fixture.h"

#include "crypto/hash.h"
#include "registry/registry.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
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

/* Its issuer is itself: without FUZZ's ANY_CERTIFICATE nobody takes it. */
static const char rsa_chain[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIDMzCCAhugAwIBAgIUYJUw70NpAqF4sNdrU0CETL1LsgUwDQYJKoZIhvcNAQEL\n"
                                "BQAwGjEYMBYGA1UEAwwPd3d3LmV4YW1wbGUuY29tMCAXDTI2MTIwMTE1MDI0NFoY\n"
                                "DzIxMjUwNjI1MTUwMjQ0WjAaMRgwFgYDVQQDDA93d3cuZXhhbXBsZS5jb20wggEi\n"
                                "MA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQC16h2nEADvyge+10hpy3fHSczB\n"
                                "SPeFffz4SjvB+XiJ+SAaw6nQ+O6q33uN98t2Fjq7/I5WF0NOkOXelKqsu1SifqRC\n"
                                "WvxmVf2vqbmHtKoprRbTR4YcvXfckztSbJRDZNxIdpctIOoKbw+4E/8VYImkdJJK\n"
                                "7VbIlZI57qPzLcHmCTMbmoOUio8WUsdtcJPhaTGzvSFQSDRvAJ7g9vHNPnhiZalI\n"
                                "EPzfP+8LMGbzhZZuHJMyrqg8Vqefbq6GA8a5VZIlC8MYoH3PvViSHutMiflVfNxd\n"
                                "j3rE0XGvL/BofeCb7E4uiK6Zf4PzK3NaviNmY4Aik6W5YOPhOb/g9UqcjRKLAgMB\n"
                                "AAGjbzBtMB0GA1UdDgQWBBSmgPWOaVClr2XHTdzLS67FcqBnsDAfBgNVHSMEGDAW\n"
                                "gBSmgPWOaVClr2XHTdzLS67FcqBnsDAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQT\n"
                                "MBGCD3d3dy5leGFtcGxlLmNvbTANBgkqhkiG9w0BAQsFAAOCAQEAfWKWnXtw2L6X\n"
                                "2hlgytlnsbYn4iLs++QZplA1AxNqNeROjbgGYK8r1GfJayozvV2fMEGtJj9qzBwT\n"
                                "Ihi/BQWUs/knZtIriETmPbiRypWJFnSgOZMaSfjLJ0wZV4Fy7M2NZSyFfgZys4j5\n"
                                "yN/KkVGfAVcWMjyZUALBTf9X8SwbI2bzjFCZW/jTTSt487VBsy88vCRlZKOus56I\n"
                                "JI5OstbEfx89fyAknBzxwPBOjPsrB7X94GSbuWhp+6m78eL9/nXBbd/MpcpJmRKV\n"
                                "eikjGNv7oPUGKNMqsO5y14cF8CfHtefWp/esV4JqWwrUekpSTKDjRHmcfYDS4CSN\n"
                                "qZfgTnhn7A==\n"
                                "-----END CERTIFICATE-----\n";
static const char rsa_key[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC16h2nEADvyge+\n"
                              "10hpy3fHSczBSPeFffz4SjvB+XiJ+SAaw6nQ+O6q33uN98t2Fjq7/I5WF0NOkOXe\n"
                              "lKqsu1SifqRCWvxmVf2vqbmHtKoprRbTR4YcvXfckztSbJRDZNxIdpctIOoKbw+4\n"
                              "E/8VYImkdJJK7VbIlZI57qPzLcHmCTMbmoOUio8WUsdtcJPhaTGzvSFQSDRvAJ7g\n"
                              "9vHNPnhiZalIEPzfP+8LMGbzhZZuHJMyrqg8Vqefbq6GA8a5VZIlC8MYoH3PvViS\n"
                              "HutMiflVfNxdj3rE0XGvL/BofeCb7E4uiK6Zf4PzK3NaviNmY4Aik6W5YOPhOb/g\n"
                              "9UqcjRKLAgMBAAECggEALvoSRj4fv8yQS3wUux1MBS7NrWxGXza1yPiCjgj6U8b9\n"
                              "v2ufwtNF7uJfab3/0LLU4A7MQvcm7ncEpYIGwSxvIrdJe8k7PMIgDOjrfFvvRWvp\n"
                              "ZQ4nV+yls1RiEVrwvqahLCVTzNefGKqtiH/Bc6fGY62myaqYqpvVcxhpRjcex2RQ\n"
                              "7JWaPkWcy72OnY/1V+UF/P/3pyOjdtoQbur2yPIiuDnObgC6kdZCWfdn4Ig2GuTC\n"
                              "MR95kOe/9bzlK/uimXHx/JzvycwisMgblxjciNUETUR+knGEyborg3nMvBT4rlhs\n"
                              "VABdU7xWGbEik1RwiF/MKtofx4YUystzjuyaMiO0wQKBgQDrHJ9O514K2j2b/nIH\n"
                              "QIhU9Z/BhMaSCUGmWrOP2uSrIg/vrgjs3B1j/QxnapCpdh4VQrdKgOiEfNfOCmbA\n"
                              "0GQbaA8V9GZlV5EcANyDwpUW0IrY6Bf3E296MigycSFNu0lj5MzcOscZyORL182n\n"
                              "9AVT1Isz5RlBuI6y7VT1QV2U0wKBgQDGE5NVxmgweWZkr3Re42Ygx/KWNAK23wl2\n"
                              "2H/sUyVop6u5XM/3C4hfH+cZ+hnqUexDZlnUMl1dMrtB4keMwtD7FhFc/ZCciilE\n"
                              "JIYONOwnpJPt71L7BY/fM1/00Qkf7UPw7+6/XqJ73NeT3s1UlvgH9hVaY3gIhXr5\n"
                              "MNsRTmPYaQKBgQCUsX1vgZRQeMYOKlYjkASo9s8arMaJBaGnfCWkDWQhd2FszDyI\n"
                              "0I0l95woq5TiF/neqFsTm4NyhyJVBO8HcsRdMOqZkABSh5cWhtTv39g6nZmypNbD\n"
                              "RF90gNQ7UqElcBVyP/nwLpxNCmiYLtu6JPJZmkqPf40Bq59UOhVJJxXwUQKBgG2g\n"
                              "h/sBRMkPZ8xyD0Y1NWEPSQQ45QexidttF+AEZL/3jOOaqr9gcqmzToTiF1XI4aqs\n"
                              "CyuWdHYQjfN4+YC+kktle1asQE1jalN8o3VZdRq7y+P0gUjNW0N9e65Tw2kYOHIx\n"
                              "WUIxblx/bhE5TwtyQvSlDkxooRaWSemBUL3TVQ+BAoGANlp2MznYrK3Dyf0Z7m/w\n"
                              "nSqvykgMzARL1mGqN1+rmboa4bge0Dp4Y/JM4rwkd8TK+JNbsCM9OB85LPVGMVyf\n"
                              "1Yf8vng04tRQGa26eRpua3F9j4l2ORJl9oih5IslIREIYOpnC2HHlTRPO7QgIySZ\n"
                              "feXHL7eL2wcMBoTgU3/RAAk=\n"
                              "-----END PRIVATE KEY-----\n";

struct wt_trust *fuzz_trust(void)
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

static struct wt_identity *make(bool rsa, bool elsewhere, bool staples, bool compresses)
{
    static const char no_response[] = "no DER";
    enum wt_problem_id why;
    const char *certificates = rsa ? rsa_chain : chain, *private = rsa ? rsa_key : key;
    struct wt_identity *identity =
        wt_identity_new(certificates, strlen(certificates), elsewhere ? NULL : private, strlen(private), NULL, &why);
    hold(identity, "an identity");
    hold(!staples || wt_identity_staple(identity, no_response, sizeof no_response - 1), "a staple");
    hold(!compresses || wt_identity_compress(identity), "a compressed chain");
    return identity;
}

const struct wt_identity *const *fuzz_identities(uint32_t more)
{
    static const struct wt_identity *made[16][1];
    const bool rsa = more & FUZZ_RSA, elsewhere = more & FUZZ_ELSEWHERE;
    const bool staples = more & FUZZ_STAPLE, compresses = more & FUZZ_INFLATES;
    const struct wt_identity **at = made[rsa | elsewhere << 1 | staples << 2 | compresses << 3];
    if (!at[0])
        at[0] = make(rsa, elsewhere, staples, compresses);
    return at;
}

/* RSA-PSS is random; the rest gives the same again. */
size_t fuzz_sign(uint32_t more, const struct wt_event *event, uint8_t out[1024])
{
    const struct wt_scheme *scheme = wt_scheme_find(event->scheme);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)scheme->hash);
    const char *text = more & FUZZ_RSA ? rsa_key : key;
    BIO *bio = BIO_new_mem_buf(text, -1);
    EVP_PKEY *private = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options;
    size_t n = 1024;
    hold(EVP_DigestSignInit_ex(ctx, &options, hash ? hash->openssl : NULL, NULL, NULL, private, NULL) == 1, "a key");
    hold(!scheme->pss || (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                          EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1),
         "PSS");
    hold(EVP_DigestSign(ctx, out, &n, event->to_sign.p, event->to_sign.n) == 1, "to sign");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(private);
    BIO_free(bio);
    return n;
}
