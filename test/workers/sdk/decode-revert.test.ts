import { expect } from "chai";
import { AbiCoder, concat, id, Interface, toBeHex } from "ethers";

import { errorsAbi } from "../../../workers/sdk/abi/errors.ts";
import { ContractError, decodeRevert, fromRpc, isContractError } from "../../../workers/sdk/index.ts";

describe("the reason of a revert", () => {
  const abi = new Interface(errorsAbi);

  it("has the Solidity name of every error as its code, and the arguments by name", () => {
    const coder = AbiCoder.defaultAbiCoder();
    abi.forEachError((error) => {
      if (error.name === "Error" || error.name === "Panic") return;
      const values = error.inputs.map(({ baseType }, index) => sampleOf(baseType, index + 1));
      const decoded = decodeRevert(concat([error.selector, coder.encode(error.inputs, values)]), "a call");
      expect(decoded).to.be.instanceOf(ContractError);
      expect(decoded.code).to.equal(error.name);
      expect(Object.keys(decoded.details)).to.deep.equal(error.inputs.map(({ name }) => name));
      // Advice that names an argument which the error does not have.
      expect(decoded.message)
        .to.match(/^a call: /)
        .and.not.match(/undefined|[{}]/);
    });
  });

  it("says what to do, and whether trying again helps", () => {
    const tooLow = decodeRevert(abi.encodeErrorResult("FeeTooLow", [3n, 5n]), "market.request");
    expect(tooLow.message).to.equal("market.request: the fee of 3 is below 5: offer at least that");
    expect([tooLow.retryable, tooLow.details]).to.deep.equal([false, { had: 3n, needed: 5n }]);
    const early = decodeRevert(abi.encodeErrorResult("DrawNotReady", [toBeHex(1, 32)]), "market.claim");
    expect([isContractError(early, "DrawNotReady"), early.retryable]).to.deep.equal([true, true]);
  });

  it("keeps texts, panics and unknown data", () => {
    const text = new Interface(["error Error(string)", "error Panic(uint256)"]);
    const messages = [text.encodeErrorResult("Error", ["out of luck"]), text.encodeErrorResult("Panic", [17n])].map(
      (data) => decodeRevert(data, "a call"),
    );
    expect(messages.map(({ code }) => code)).to.deep.equal(["REVERTED", "REVERTED"]);
    expect(messages[0]?.message).to.contain("out of luck");
    expect(messages[1]?.message).to.contain("17");
    const unknown = id("Unknown()").slice(0, 10);
    expect(decodeRevert(unknown, "a call")).to.include({ code: "REVERTED" });
    expect(decodeRevert(unknown, "a call").details["data"]).to.equal(unknown);
    expect(decodeRevert("0x", "a call").message).to.equal("a call: the contract gave no reason");
  });

  it("is found wherever a node puts it", () => {
    const data = abi.encodeErrorResult("RequestsPaused");
    for (const error of [{ data }, { error: { data } }, { info: { error: { data: { data } } } }])
      expect(fromRpc(error, "a call").code).to.equal("RequestsPaused");
  });
});

function sampleOf(type: string, value: number): unknown {
  if (type === "bool") return true;
  if (type === "string") return "windows";
  if (type.startsWith("bytes")) return toBeHex(value, Number(type.slice("bytes".length) || 1));
  return type === "address" ? toBeHex(value, 20) : value;
}
