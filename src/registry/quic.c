#include "registry/quic.h"

#include "registry/registry.h"
#include "registry/search.h"

/* One byte more for the end of the literal. */
#define WT_QUIC_SALT(id, salt) static const uint8_t salt_##id[WT_QUIC_SALT_BYTES + 1] = salt;
#include "registry/quic_versions.def"
#undef WT_QUIC_SALT

#define WT_QUIC_RETRY(id, key, nonce)                                                                                  \
    static const uint8_t retry_key_##id[WT_QUIC_RETRY_KEY_BYTES + 1] = key;                                            \
    static const uint8_t retry_nonce_##id[WT_QUIC_RETRY_NONCE_BYTES + 1] = nonce;
#include "registry/quic_versions.def"
#undef WT_QUIC_RETRY

static const struct wt_quic_version versions[] = {
#define WT_QUIC_VERSION(number, name, salt, retry, v2, rfc)                                                            \
    {number, name, salt_##salt, retry_key_##retry, retry_nonce_##retry, v2, rfc},
#include "registry/quic_versions.def"
#undef WT_QUIC_VERSION
};

const struct wt_quic_version *wt_quic_version_find(uint32_t number)
{
    WT_SEARCH(versions, number, number);
}

bool wt_quic_version_has_retry_tag(const struct wt_quic_version *version)
{
    return version->retry_key != retry_key_NONE;
}

const struct wt_quic_version *wt_quic_version_stand_in(size_t i)
{
    static const uint32_t numbers[] = {0x00000001, 0xff00001d};
    return i < sizeof numbers / sizeof numbers[0] ? wt_quic_version_find(numbers[i]) : NULL;
}

/* "Q0", then two digits. */
bool wt_quic_version_is_google(uint32_t number)
{
    const unsigned tens = number >> 8 & 0xff, ones = number & 0xff;
    return number >> 16 == 0x5130 && tens >= '0' && tens <= '9' && ones >= '0' && ones <= '9';
}

/* RFC 9000, 17.2, table 5; RFC 9369, 3.2: "Initial: 0b01", "0-RTT: 0b10", "Handshake: 0b11", "Retry: 0b00". */
enum wt_quic_packet wt_quic_long_packet(const struct wt_quic_version *version, unsigned bits)
{
    return (enum wt_quic_packet)((version && version->v2 ? bits + 3 : bits) & 3);
}

unsigned wt_quic_long_bits(const struct wt_quic_version *version, enum wt_quic_packet packet)
{
    return (version && version->v2 ? packet + 1u : packet) & 3;
}

enum wt_quic_packet wt_quic_packet_of_message(uint8_t type)
{
    switch (type) {
#define WT_QUIC_MESSAGE(TYPE, PACKET, rfc)                                                                             \
    case WT_HANDSHAKE_##TYPE:                                                                                          \
        return WT_QUIC_##PACKET;
#include "registry/quic_messages.def"
#undef WT_QUIC_MESSAGE
    default:
        return WT_QUIC_PACKETS;
    }
}

const char *wt_quic_packet_name(enum wt_quic_packet packet)
{
    static const char *const names[WT_QUIC_PACKETS] = {
        [WT_QUIC_INITIAL] = "Initial", [WT_QUIC_0RTT] = "0-RTT", [WT_QUIC_HANDSHAKE] = "Handshake",
        [WT_QUIC_RETRY] = "Retry",     [WT_QUIC_1RTT] = "1-RTT", [WT_QUIC_VERSION_NEGOTIATION] = "Version Negotiation",
    };
    return (unsigned)packet < WT_QUIC_PACKETS ? names[packet] : NULL;
}

const char *wt_quic_packet_id(enum wt_quic_packet packet)
{
    static const char *const ids[WT_QUIC_PACKETS] = {
        [WT_QUIC_INITIAL] = "initial", [WT_QUIC_0RTT] = "0rtt", [WT_QUIC_HANDSHAKE] = "handshake",
        [WT_QUIC_RETRY] = "retry",     [WT_QUIC_1RTT] = "1rtt", [WT_QUIC_VERSION_NEGOTIATION] = "version_negotiation",
    };
    return (unsigned)packet < WT_QUIC_PACKETS ? ids[packet] : NULL;
}
