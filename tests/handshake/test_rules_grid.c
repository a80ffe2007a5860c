/* Every extension of the registry in every message: RFC 8446, 4.2, "The table below indicates the messages where a
 * given extension may appear", written down here once more, apart from the registry. */
#include "broken.h"

/* RFC 8446, 4.2's own table, and IANA's column "TLS 1.3" for what came later; drafts and what is not IANA's by their
 * own texts. A dash of IANA's (not for TLS 1.3) is the ClientHello alone, in which everything may be. */
static const struct {
    uint16_t id;
    const char *where;
} grid[] = {
    {0, "CH EE CR"},
    {1, "CH EE"},
    {2, "CH"},
    {3, "CH"},
    {4, "CH"},
    {5, "CH CR CT"},
    {6, "CH"},
    {7, "CH"},
    {8, "CH"},
    {9, "CH"},
    {10, "CH EE"},
    {11, "CH"},
    {12, "CH"},
    {13, "CH CR"},
    {14, "CH EE"},
    {15, "CH EE"},
    {16, "CH EE"},
    {17, "CH"},
    {18, "CH CR CT"},
    {19, "CH EE"},
    {20, "CH EE"},
    {21, "CH"},
    {22, "CH"},
    {23, "CH"},
    {24, "CH"},
    {25, "CH"},
    {26, "CH"},
    {27, "CH CR"},
    {28, "CH EE"},
    {29, "CH"},
    {30, "CH"},
    {31, "CH SH HRR"},
    {32, "CH EE"},
    {33, "CH SH"},
    {34, "CH CR CT"},
    {35, "CH"},
    {36, "CH"},
    {37, "CH"},
    {38, "CH"},
    {39, "CH EE"},
    {40, "CH SH HRR"},
    {41, "CH SH"},
    {42, "CH EE NST"},
    {43, "CH SH HRR"},
    {44, "CH HRR"},
    {45, "CH"},
    {46, "NST"},
    {47, "CH CR"},
    {48, "CR"},
    {49, "CH"},
    {50, "CH CR"},
    {51, "CH SH HRR"},
    {52, "CH CR CT"},
    {53, "CH"},
    {54, "CH SH"},
    {55, "CH EE"},
    {56, "CH EE"},
    {57, "CH EE"},
    {58, "CH EE"},
    {59, "CH CT"},
    {60, "CH SH HRR"},
    {61, "CH SH"},
    {62, "CH SH EE CT CR NST HRR"},
    {13172, "CH"},
    {13175, "CH"},
    {13180, "CH"},
    {17513, "CH EE"},
    {17613, "CH EE"},
    {30031, "CH"},
    {30032, "CH EE"},
    {35655, "CH"},
    {64768, "CH"},
    {65037, "CH EE HRR"},
    {65281, "CH"},
    {65445, "CH EE"},
    {65486, "CH EE"},
};

static bool names(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(list, word); at; at = strstr(at + n, word))
        if ((at == list || at[-1] == ' ') && (at[n] == 0 || at[n] == ' '))
            return true;
    return false;
}

static const char *allowed(uint16_t id)
{
    for (size_t i = 0; i < sizeof grid / sizeof *grid; i++)
        if (grid[i].id == id)
            return grid[i].where;
    return NULL;
}

static unsigned place_breaches(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < breaches.count; i++)
        n += breaches.list[i].rule == WT_RULE_EXTENSION_PLACE;
    return n;
}

/* A hello that offers everything there is, bodies aside, is what answers are held against. */
static void offer_all(void)
{
    wt_agreed_start(&agreed, true);
    agreed.offered.seen = agreed.offered.whole = true;
    agreed.offered.more_extensions = true;
    agreed.offered.legacy_version = WT_TLS12;
    agreed.offered.session_id_length = 32;
    for (unsigned i = 0; i < 32; i++)
        agreed.offered.session_id[i] = (uint8_t)(i < 16 ? 0xa0 + i : 0xb0 + i - 16);
    agreed.sets[WT_SET_SUITES].more = agreed.sets[WT_SET_VERSIONS].more = agreed.sets[WT_SET_COMPRESSION].more = true;
    agreed.requested.seen = agreed.requested.whole = agreed.requested.several = true;
    agreed.chosen =
        (struct wt_chosen){.seen = true, .whole = true, .tls13 = true, .version = WT_TLS13, .has_psk = true};
}

/* One extension with an empty body beside what the message has to have. */
static void with(const char *where, uint16_t id)
{
    char text[256], hex[64];
    (void)snprintf(hex, sizeof hex, "%04x: ", id);
    if (!strcmp(where, "CH")) {
        (void)snprintf(text, sizeof text, "%s%s", id == 43 || id == 13 || id == 10 || id == 51 ? "" : hex, HELLO13);
        client(text);
    } else if (!strcmp(where, "SH")) {
        (void)snprintf(text, sizeof text, "%s%s", id == 43 || id == 51 ? "" : hex, ANSWER13);
        server("1301", text);
    } else if (!strcmp(where, "HRR")) {
        (void)snprintf(text, sizeof text, "%s%s", id == 43 || id == 44 ? "" : hex, "002b:0304 002c:00020102");
        retry_request(text);
    } else if (!strcmp(where, "EE")) {
        made_block(&made, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, hex);
    } else if (!strcmp(where, "CT")) {
        (void)snprintf(text, sizeof text, "00 00000b 0000023082 0004 %04x0000", id);
        message(WT_HANDSHAKE_CERTIFICATE, WT_TLS13, WT_KX_TLS13, text);
    } else if (!strcmp(where, "CR")) {
        (void)snprintf(text, sizeof text, "00 000c 000d000400020403 %04x0000", id == 13 ? 18 : id);
        message(WT_HANDSHAKE_CERTIFICATE_REQUEST, WT_TLS13, WT_KX_TLS13, text);
    } else {
        (void)snprintf(text, sizeof text, "00000010 00000000 0100 0002aabb 0004 %04x0000", id);
        message(WT_HANDSHAKE_NEW_SESSION_TICKET, WT_TLS13, WT_KX_TLS13, text);
    }
}

static void walk(const char *where, unsigned side)
{
    unsigned rows = 0;
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        const struct wt_extension_info *info = wt_extension_find((uint16_t)id);
        const char *list = allowed((uint16_t)id);
        assert_int_equal(info != NULL, list != NULL);
        if (!info || wt_is_grease((uint16_t)id))
            continue;
        offer_all();
        if (!strcmp(where, "CH"))
            agreed.offered.seen = false;
        with(where, (uint16_t)id);
        check(side);
        if (place_breaches() != !names(list, where))
            fail_msg("%s in %s: %u", info->name, where, place_breaches());
        rows++;
    }
    assert_int_equal(rows, sizeof grid / sizeof *grid);
    covered[WT_RULE_EXTENSION_PLACE] = true;
}

void test_grid_client(void **state)
{
    (void)state;
    walk("CH", WT_CLIENT);
}

void test_grid_answers(void **state)
{
    (void)state;
    walk("SH", WT_SERVER);
    walk("HRR", WT_SERVER);
    walk("EE", WT_SERVER);
    walk("CT", WT_SERVER);
    walk("CT", WT_CLIENT);
    walk("CR", WT_SERVER);
    walk("NST", WT_SERVER);
}

/* RFC 8446, 4.2: "Implementations MUST NOT send extension responses if the remote endpoint did not send the
 * corresponding extension requests, with the exception of the "cookie" extension in the HelloRetryRequest."; RFC 5246,
 * 7.4.1.4 of the ServerHello up to TLS 1.2: of every one, known or not, in every message that answers. */
void test_grid_unasked(void **state)
{
    static const uint16_t unknown[] = {0x5a5b, 0xfe0c, 0x4a4b};
    (void)state;
    for (unsigned i = 0; i < sizeof grid / sizeof *grid + 3; i++) {
        uint16_t id = i < 3 ? unknown[i] : grid[i - 3].id;
        const char *list = i < 3 ? "SH HRR EE CT" : grid[i - 3].where;
        char text[64];
        if (id == 43 || id == 51 || id == 44 || id == 13 || id == 10)
            continue; /* that the usual hellos have */
        (void)snprintf(text, sizeof text, "%04x:", id);
        after_client(HELLO13);
        if (names(list, "SH")) {
            with("SH", id);
            check(WT_SERVER);
            assert_true(breaches.count >= 1);
            assert_int_equal(breaches.list[0].rule, WT_RULE_EXTENSION_UNASKED);
            assert_int_equal(breaches.list[0].error.value, id);
            assert_int_equal(breaches.list[0].alert, WT_ALERT_UNSUPPORTED_EXTENSION);
        }
        if (names(list, "HRR")) {
            with("HRR", id);
            broken_by(WT_SERVER, WT_RULE_EXTENSION_UNASKED, extension_at(2 + 32 + 33 + 3, id), id);
        }
        after_client(GROUPS SCHEMES);
        made_server_hello(&made, "0303", RANDOM, "aabb", "c013", "00", text);
        broken_by(WT_SERVER, WT_RULE_EXTENSION_UNASKED_12, 2 + 32 + 3 + 3 + 2, id);
        after_13("");
        if (names(list, "EE")) {
            with("EE", id);
            check(WT_SERVER);
            assert_int_equal(breaches.list[0].rule, WT_RULE_EXTENSION_UNASKED);
            assert_int_equal(breaches.list[0].error.offset, 2);
        }
        if (names(list, "CT")) {
            with("CT", id);
            check(WT_SERVER);
            assert_int_equal(breaches.count, 1);
        }
    }
    /* asked for, and unknown all the same */
    after_13("5a5b:00 ");
    with("EE", 0x5a5b);
    well(WT_SERVER);
}

/* RFC 8701, 3.1: "Clients MUST reject GREASE values when negotiated by the server", "any ServerHello extension", "any
 * HelloRetryRequest, EncryptedExtensions, or Certificate extension in TLS 1.3". */
void test_grid_grease(void **state)
{
    static const char *const where[] = {"SH", "HRR", "EE", "CT"};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        if (i < 2)
            after_client("0a0a: " HELLO13);
        else
            after_13("0a0a: ");
        with(where[i], 0x0a0a);
        check(WT_SERVER);
        assert_int_equal(breaches.count, 1);
        assert_int_equal(breaches.list[0].rule, WT_RULE_EXTENSION_GREASE);
        covered[WT_RULE_EXTENSION_GREASE] = true;
    }
    with("CR", 0x0a0a);
    well(WT_SERVER);
    with("NST", 0x0a0a);
    well(WT_SERVER);
    after_client("0a0a: " GROUPS SCHEMES);
    server("c02f", "0a0a:");
    broken_by(WT_SERVER, WT_RULE_EXTENSION_GREASE, 2 + 32 + 33 + 3 + 2, 0x0a0a);
}
