/* Limits that a test would take too long to reach, or too much memory: lower here, for the sources that meson.build
 * compiles once more. Where a test looks for the least that is enough, it sets it. */
#include <stddef.h>
extern size_t test_inflate_memory, test_memory, test_awake, test_dialogues, test_steps, test_record_bytes;
#undef WT_LIMIT_KEYLOG_BYTES
#define WT_LIMIT_KEYLOG_BYTES (3u << 18)
#undef WT_LIMIT_STANDINS
#define WT_LIMIT_STANDINS 100u
#undef WT_LIMIT_CONVERSATIONS
#define WT_LIMIT_CONVERSATIONS 8u
#undef WT_LIMIT_SEGMENTS_ALL
#define WT_LIMIT_SEGMENTS_ALL 20u
#undef WT_LIMIT_PLACES_RECORDS
#define WT_LIMIT_PLACES_RECORDS 32u /* a power of two times the room that a list begins with */
#undef WT_LIMIT_PACKET_HEADERS_BYTES
#define WT_LIMIT_PACKET_HEADERS_BYTES 2048u
#undef WT_LIMIT_PACKET_HEADERS_ALL
#define WT_LIMIT_PACKET_HEADERS_ALL 5000u
#undef WT_LIMIT_TRAIL
#define WT_LIMIT_TRAIL 24u
#undef WT_LIMIT_TRUST
#define WT_LIMIT_TRUST 8u
#undef WT_LIMIT_TRUST_FILE
#define WT_LIMIT_TRUST_FILE 16384u
#undef WT_LIMIT_PLACES_BYTES
#define WT_LIMIT_PLACES_BYTES 16384u
#undef WT_LIMIT_PLACES_PACKETS
#define WT_LIMIT_PLACES_PACKETS 128u
#undef WT_LIMIT_PLACES_PARTS
#define WT_LIMIT_PLACES_PARTS 16u
#undef WT_LIMIT_INFLATE_MEMORY
#define WT_LIMIT_INFLATE_MEMORY test_inflate_memory
#undef WT_LIMIT_MEMORY
#define WT_LIMIT_MEMORY test_memory
#undef WT_LIMIT_AWAKE
#define WT_LIMIT_AWAKE test_awake
#undef WT_LIMIT_DIALOGUE_ALL
#define WT_LIMIT_DIALOGUE_ALL test_dialogues
#undef WT_LIMIT_TLS_SERVERS
#define WT_LIMIT_TLS_SERVERS 8u
#undef WT_LIMIT_COMPARE_SEGMENTS
#define WT_LIMIT_COMPARE_SEGMENTS 512u
#undef WT_LIMIT_COMPARE_STREAM
#define WT_LIMIT_COMPARE_STREAM 4096u
#undef WT_LIMIT_COMPARE_BYTES
#define WT_LIMIT_COMPARE_BYTES 16384u
#undef WT_LIMIT_COMPARE_DIFFERENCES
#define WT_LIMIT_COMPARE_DIFFERENCES 16u
#undef WT_LIMIT_COMPARE_TRIES
#define WT_LIMIT_COMPARE_TRIES 26u /* what four connections with the same randoms in each capture take */
#undef WT_LIMIT_FILTER_MEMORY
#define WT_LIMIT_FILTER_MEMORY 32768u
#undef WT_LIMIT_STEPS
#define WT_LIMIT_STEPS test_steps
#undef WT_LIMIT_RECORD_STEPS_BYTES
#define WT_LIMIT_RECORD_STEPS_BYTES test_record_bytes
