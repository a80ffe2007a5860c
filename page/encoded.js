// Bytes as text, and back.

export function bytesFrom64(text) {
  const binary = atob(text || '')
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

export function base64Of(bytes, from, length) {
  let binary = ''
  for (let i = from; i < from + length; i++) binary += String.fromCharCode(bytes[i])
  return btoa(binary)
}

export function bytesFromHex(text) {
  const bytes = new Uint8Array((text || '').length >> 1)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function hexOfBytes(bytes, from = 0, to = bytes.length) {
  let text = ''
  for (let i = from; i < to; i++) text += bytes[i].toString(16).padStart(2, '0')
  return text
}
