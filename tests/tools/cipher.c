/* libcrypto's ciphers for the tests in Python beside this file, which open records and seal them again.
 *
 * Reads one command a line: `seal|open|encrypt|decrypt CIPHER KEY IV AAD TAG TEXT`, all but the first two in
 * hexadecimal
 * (`-` for nothing), TAG the tag's length in decimal. Answers each with a line of hexadecimal, or `bad`. seal and open
 * are AEAD, tag behind the text; encrypt and decrypt are bare: whole blocks or a stream, no padding.
 *
 * It shares no code with the engine on purpose: what it seals is judged by what it has not written. */
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 1 << 15, /* bytes of an argument: a record and what sealing adds */
    LINE = 6 * MOST,
    WORDS = 7
};

struct bytes {
    uint8_t p[MOST];
    int n;
};

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse(const char *text, struct bytes *out)
{
    const size_t length = strlen(text);
    out->n = 0;
    if (strcmp(text, "-") == 0)
        return true;
    if (length % 2 != 0 || length / 2 > MOST)
        return false;
    for (size_t i = 0; i < length; i += 2) {
        const int high = nibble(text[i]), low = nibble(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out->p[out->n++] = (uint8_t)(high << 4 | low);
    }
    return true;
}

struct job {
    EVP_CIPHER_CTX *context;
    const EVP_CIPHER *cipher;
    struct bytes key, iv, aad, text, out;
    int tag;
    bool seal;
};

static bool aead_start(struct job *j)
{
    EVP_CIPHER_CTX *c = j->context;
    const bool ccm = EVP_CIPHER_get_mode(j->cipher) == EVP_CIPH_CCM_MODE;
    const int text = j->seal ? j->text.n : j->text.n - j->tag;
    int n = 0;
    if (text < 0 || EVP_CipherInit_ex(c, j->cipher, NULL, NULL, NULL, j->seal) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, j->iv.n, NULL) != 1)
        return false;
    uint8_t *tag = j->seal ? NULL : j->text.p + text;
    if ((ccm || !j->seal) && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, j->tag, tag) != 1)
        return false;
    if (EVP_CipherInit_ex(c, NULL, NULL, j->key.p, j->iv.p, j->seal) != 1)
        return false;
    if (ccm && EVP_CipherUpdate(c, NULL, &n, NULL, text) != 1) /* SP 800-38C: the length goes into the first block */
        return false;
    return j->aad.n == 0 || EVP_CipherUpdate(c, NULL, &n, j->aad.p, j->aad.n) == 1;
}

static bool aead(struct job *j)
{
    EVP_CIPHER_CTX *c = j->context;
    const int text = j->seal ? j->text.n : j->text.n - j->tag;
    int n = 0, rest = 0;
    if (!aead_start(j) || EVP_CipherUpdate(c, j->out.p, &n, j->text.p, text) != 1)
        return false;
    if (EVP_CIPHER_get_mode(j->cipher) != EVP_CIPH_CCM_MODE && EVP_CipherFinal_ex(c, j->out.p + n, &rest) != 1)
        return false;
    j->out.n = text;
    if (j->seal) {
        if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, j->tag, j->out.p + text) != 1)
            return false;
        j->out.n += j->tag;
    }
    return true;
}

static bool bare(struct job *j)
{
    EVP_CIPHER_CTX *c = j->context;
    int n = 0;
    if (EVP_CipherInit_ex(c, j->cipher, NULL, NULL, NULL, j->seal) != 1 ||
        EVP_CIPHER_CTX_set_key_length(c, j->key.n) != 1 || EVP_CIPHER_get_iv_length(j->cipher) > j->iv.n)
        return false;
    if (EVP_CipherInit_ex(c, NULL, NULL, j->key.p, j->iv.p, j->seal) != 1 || EVP_CIPHER_CTX_set_padding(c, 0) != 1)
        return false;
    if (EVP_CipherUpdate(c, j->out.p, &n, j->text.p, j->text.n) != 1 || n != j->text.n)
        return false;
    j->out.n = n;
    return true;
}

static bool command(char *line, struct job *j)
{
    char *word[WORDS], *rest = line;
    for (int i = 0; i < WORDS; i++)
        if ((word[i] = strtok_r(i == 0 ? line : NULL, " \n", &rest)) == NULL)
            return false;
    const bool is_aead = strcmp(word[0], "seal") == 0 || strcmp(word[0], "open") == 0;
    j->seal = strcmp(word[0], "seal") == 0 || strcmp(word[0], "encrypt") == 0;
    j->tag = (int)strtol(word[5], NULL, 10);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, word[1], NULL);
    j->cipher = cipher;
    bool good = cipher != NULL && parse(word[2], &j->key) && parse(word[3], &j->iv) && parse(word[4], &j->aad) &&
                parse(word[6], &j->text) && j->text.n + 64 <= MOST && j->tag >= 0 && j->tag <= 16;
    good = good && (!is_aead || EVP_CIPHER_get_key_length(cipher) == j->key.n) &&
           EVP_CIPHER_CTX_reset(j->context) == 1 && (is_aead ? aead(j) : bare(j));
    EVP_CIPHER_free(cipher);
    return good;
}

int main(void)
{
    static char line[LINE];
    static struct job job;
    OSSL_PROVIDER *own = OSSL_PROVIDER_load(NULL, "default"), *legacy = OSSL_PROVIDER_load(NULL, "legacy");
    job.context = EVP_CIPHER_CTX_new();
    if (own == NULL || legacy == NULL || job.context == NULL)
        return EXIT_FAILURE;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (command(line, &job)) {
            for (int i = 0; i < job.out.n; i++)
                printf("%02x", job.out.p[i]);
            putchar('\n');
        } else {
            puts("bad");
        }
        fflush(stdout);
    }
    EVP_CIPHER_CTX_free(job.context);
    OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(own);
    return EXIT_SUCCESS;
}
