/* Limits that a test would take too long to reach, or too much memory: lower here, for the sources that meson.build
 * compiles once more. */
#undef WT_LIMIT_KEYLOG_BYTES
#define WT_LIMIT_KEYLOG_BYTES (3u << 18)
#undef WT_LIMIT_STANDINS
#define WT_LIMIT_STANDINS 100u
#undef WT_LIMIT_TRUST
#define WT_LIMIT_TRUST 8u
#undef WT_LIMIT_TRUST_FILE
#define WT_LIMIT_TRUST_FILE 16384u
