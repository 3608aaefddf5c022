import { ByteVectorType, UintBigintType, UintNumberType } from "@chainsafe/ssz";

/**
 * A u64 that is a counter or a time (epoch, round, index, Unix ms): a JS number, refused on decode above 2^53 - 1,
 * because the library type silently loses precision there.
 */
class Counter64Type extends UintNumberType {
  constructor() {
    super(8, { typeName: "counter64" });
  }

  override value_serializeToBytes(
    output: { uint8Array: Uint8Array; dataView: DataView },
    offset: number,
    value: number,
  ): number {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a u53: ${value}`);
    return super.value_serializeToBytes(output, offset, value);
  }

  override value_deserializeFromBytes(
    data: { uint8Array: Uint8Array; dataView: DataView },
    start: number,
    end: number,
  ): number {
    const value = super.value_deserializeFromBytes(data, start, end);
    if (!Number.isSafeInteger(value)) throw new RangeError("u64 counter above 2^53 - 1");
    return value;
  }
}

/** As `Counter64` on the wire, refused above u32: every sum over a committee is then an exact JS number. */
class PowerType extends Counter64Type {
  override value_serializeToBytes(
    output: { uint8Array: Uint8Array; dataView: DataView },
    offset: number,
    value: number,
  ): number {
    assertPower(value);
    return super.value_serializeToBytes(output, offset, value);
  }

  override value_deserializeFromBytes(
    data: { uint8Array: Uint8Array; dataView: DataView },
    start: number,
    end: number,
  ): number {
    const value = super.value_deserializeFromBytes(data, start, end);
    assertPower(value);
    return value;
  }
}

function assertPower(value: number): void {
  if (!(value <= MAX_POWER)) throw new RangeError(`a voting power above u32: ${value}`);
}

/** Highest voting power of one member. */
export const MAX_POWER: number = 2 ** 32 - 1;
export const Power = new PowerType();
export const Counter64 = new Counter64Type();
export const Uint8 = new UintNumberType(1);
export const Uint16 = new UintNumberType(2);
export const Uint32 = new UintNumberType(4);
/** Units and micro-USD. */
export const Uint64 = new UintBigintType(8);
/** FLK wei and cumulative totals. */
export const Uint128 = new UintBigintType(16);
export const Bytes20 = new ByteVectorType(20);
export const Bytes32 = new ByteVectorType(32);
export const Bytes48 = new ByteVectorType(48);
export const Bytes64 = new ByteVectorType(64);
export const Bytes96 = new ByteVectorType(96);
