//! SMB_COM_TRANSACTION on pipes (MS-CIFS section 2.2.4.33): octets to parts of its data. No state.

use super::commands::payload;
use super::message::{Block, Command, Transaction};
use crate::wire::{ParseError, Reader};

/// ```text
/// TRANSACTION: TotalParameterCount(2) TotalDataCount(2) Max(5) Reserved(1) Flags(2) Timeout(4)
///   Reserved(2) ParameterCount(2) ParameterOffset(2) DataCount(2) DataOffset(2) SetupCount(1)
///   Reserved(1) Function(2) FID(2)
/// TRANSACTION_SECONDARY: TotalParameterCount(2) TotalDataCount(2) ParameterCount(2)
///   ParameterOffset(2) ParameterDisplacement(2) DataCount(2) DataOffset(2) DataDisplacement(2)
/// ```
pub(crate) fn request<'a>(
    message: &'a [u8],
    block: &Block<'_>,
) -> Result<Transaction<'a>, ParseError> {
    let mut reader = Reader::new(block.words);
    if block.command == Command::TRANSACTION_SECONDARY {
        reader.skip(2)?;
        let total = usize::from(reader.u16_le()?);
        reader.skip(6)?;
        return part(message, &mut reader, total);
    }
    reader.skip(22)?;
    let count = usize::from(reader.u16_le()?);
    let offset = usize::from(reader.u16_le()?);
    let setup_count = reader.u8()?;
    reader.skip(1)?;
    let pipe = match setup_count {
        2 if reader.u16_le()? == TRANS_TRANSACT_NMPIPE => Some(reader.u16_le()?),
        _ => None,
    };
    Ok(Transaction {
        pipe,
        payload: payload(message, offset, count),
        is_complete: true,
    })
}

/// `TotalParameterCount(2) TotalDataCount(2) Reserved(2) ParameterCount(2) ParameterOffset(2)
/// ParameterDisplacement(2) DataCount(2) DataOffset(2) DataDisplacement(2) ...`
pub(crate) fn response<'a>(
    message: &'a [u8],
    block: &Block<'_>,
) -> Result<Transaction<'a>, ParseError> {
    let mut reader = Reader::new(block.words);
    reader.skip(2)?;
    let total = usize::from(reader.u16_le()?);
    reader.skip(8)?;
    part(message, &mut reader, total)
}

/// `DataCount(2) DataOffset(2) DataDisplacement(2)`
fn part<'a>(
    message: &'a [u8],
    reader: &mut Reader<'_>,
    total: usize,
) -> Result<Transaction<'a>, ParseError> {
    let count = usize::from(reader.u16_le()?);
    let offset = usize::from(reader.u16_le()?);
    let displacement = usize::from(reader.u16_le()?);
    Ok(Transaction {
        pipe: None,
        payload: payload(message, offset, count),
        is_complete: total <= displacement + count,
    })
}

/// `TRANS_TRANSACT_NMPIPE` (MS-CIFS section 2.2.5.6).
const TRANS_TRANSACT_NMPIPE: u16 = 0x0026;
