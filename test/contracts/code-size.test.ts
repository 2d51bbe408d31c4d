import { expect } from "chai";
import { dataLength } from "ethers";
import { artifacts } from "hardhat";

/** EIP-170. No chain takes a contract with more bytes. */
const LIMIT = 24_576;
/** Room for the changes to come, and for a compiler that does a little worse. */
const ROOM = 0.02;

describe("the code of every contract", () => {
  it(`stays below the limit of ${LIMIT} bytes by at least ${ROOM * 100} %`, async () => {
    const names = [...(await artifacts.getAllFullyQualifiedNames())].filter(
      (name) => name.startsWith("contracts/") && !name.startsWith("contracts/examples/"),
    );
    const sizes = await Promise.all(
      names.map(async (name) => ({ name, bytes: dataLength((await artifacts.readArtifact(name)).deployedBytecode) })),
    );
    expect(sizes.filter(({ bytes }) => bytes > 1000)).to.not.be.empty;
    expect(sizes.filter(({ bytes }) => bytes > LIMIT * (1 - ROOM))).to.deep.equal([]);
  });
});
